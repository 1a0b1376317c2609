package dev.holdfast.tomcat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.apache.catalina.util.ServerInfo;
import org.apache.coyote.ActionCode;
import org.apache.coyote.ActionHook;
import org.apache.coyote.Response;
import org.jspecify.annotations.Nullable;

/**
 * Stands between Coyote's response and its processor, and is asked before the first byte leaves on every way a response
 * can be committed: flush, full buffer, close, asynchronous and non-blocking writes, HTTP/2, error pages.
 *
 * <p>The only class, beside {@link ResponseBuffer}, that knows a part of Tomcat that is not public: the field
 * {@code hook} of {@link Response}, the same in 10.1 and 11. Response objects are pooled, so a hook that was left
 * behind by an earlier request is never trusted: it is unwrapped.
 */
final class CommitHook implements ActionHook {
    private static final @Nullable VarHandle HOOK;
    private static final @Nullable ReflectiveOperationException MISSING;

    static {
        VarHandle found = null;
        ReflectiveOperationException failure = null;
        try {
            found = MethodHandles.privateLookupIn(Response.class, MethodHandles.lookup())
                    .findVarHandle(Response.class, "hook", ActionHook.class);
        } catch (ReflectiveOperationException e) {
            failure = e;
        }
        HOOK = found;
        MISSING = failure;
    }

    private final Response response;
    private final ActionHook delegate;
    private volatile @Nullable RequestHold hold;

    private CommitHook(Response response, ActionHook delegate, RequestHold hold) {
        this.response = response;
        this.delegate = delegate;
        this.hold = hold;
    }

    /**
     * Makes sure at start that requests can be hooked.
     *
     * @throws IllegalStateException if this Tomcat is not built as expected
     */
    static void check() {
        Response probe = new Response();
        try {
            handle().set(probe, null);
        } catch (RuntimeException e) {
            throw new IllegalStateException(message(), e);
        }
    }

    private static VarHandle handle() {
        VarHandle handle = HOOK;
        if (handle == null) {
            throw new IllegalStateException(message(), MISSING);
        }
        return handle;
    }

    private static String message() {
        return "HF-101: This Tomcat (" + ServerInfo.getServerInfo()
                + ") has no accessible field \"hook\" in org.apache.coyote.Response, so no session could be saved"
                + " before its response leaves."
                + " Use Tomcat 10.1 or 11 on the class path, or a version of Holdfast made for this Tomcat.";
    }

    static CommitHook install(Response response, RequestHold hold) {
        ActionHook current = (ActionHook) handle().get(response);
        while (current instanceof CommitHook stale) {
            current = stale.delegate;
        }
        CommitHook hook = new CommitHook(response, current, hold);
        handle().set(response, hook);
        return hook;
    }

    /** Leaves nothing of the request behind on the pooled response. */
    void uninstall() {
        hold = null;
        handle().compareAndSet(response, this, delegate);
    }

    /** Lets the connection stay what it is after the application has asked for another protocol. */
    void cancelUpgrade() {
        delegate.action(ActionCode.UPGRADE, null); // the response's own method puts itself in the place of null
    }

    @Override
    public void action(ActionCode code, Object param) {
        RequestHold current = hold;
        if (current != null
                && (code == ActionCode.COMMIT || code == ActionCode.CLOSE || code == ActionCode.CLIENT_FLUSH)) {
            if (!response.isCommitted()) {
                current.beforeCommit();
            } else if (code == ActionCode.CLOSE) {
                current.beforeEnd();
            }
        }
        delegate.action(code, param);
    }
}
