package dev.holdfast.tomcat;

import dev.holdfast.RequestCost;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.request.RequestScope;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.catalina.Globals;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.coyote.ActionCode;
import org.jspecify.annotations.Nullable;

/**
 * What a client gets that is refused: a clean 503, or 500, in place of whatever was to be sent, as long as no byte has
 * left; a broken connection once the head of another answer has. Idempotent.
 */
final class RefusedAnswer {
    private RefusedAnswer() {}

    static boolean isTooLate(Response response) {
        return response.getCoyoteResponse().isCommitted();
    }

    /**
     * Replaces whatever was to be sent by an empty answer with the refusal's status, before it is too late. The
     * response ignores what is written to it from now on.
     *
     * @param scope of the request; without a refusal of its own if another application's session was refused
     */
    static void give(Request request, Response response, CommitHook hook, RequestScope scope, RequestCost cost) {
        SessionRefusedException refusal = scope.refusal();
        boolean upgrade = response.getStatus() == HttpServletResponse.SC_SWITCHING_PROTOCOLS;
        // To be asked before the reset, which forgets the listener.
        boolean nonBlocking = response.getCoyoteResponse().getWriteListener() != null;
        if (upgrade) {
            hook.cancelUpgrade();
        }
        response.setSuspended(false);
        response.setAppCommitted(false);
        response.reset();
        request.removeAttribute(RequestDispatcher.ERROR_EXCEPTION);
        request.removeAttribute(Globals.SENDFILE_FILENAME_ATTR); // or the file would follow
        response.setStatus(refusal == null ? HttpServletResponse.SC_SERVICE_UNAVAILABLE : refusal.status());
        if (refusal == null || refusal.isPassing()) {
            response.setHeader("Retry-After", SessionRefusedException.RETRY_AFTER_SECONDS);
        }
        response.setHeader("Cache-Control", "no-store");
        CostReport.addHeader(cost, response, scope);
        response.setContentLength(0);
        response.setSuspended(true);
        boolean ownThread = request.isAsync() && !request.getCoyoteRequest().isRequestThread();
        if (upgrade || nonBlocking || ownThread) {
            // Tomcat will not: it ended the answer when it was told to upgrade, it closes the connection of a write
            // listener that fails, and it does not hear of a thread of the application's that fails.
            response.getCoyoteResponse().action(ActionCode.CLIENT_FLUSH, null);
        }
    }

    /** The head of a 200 has left: the only way to say that the answer does not stand is not to end it. */
    static void breakOff(Response response, @Nullable SessionRefusedException refusal) {
        response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, refusal);
    }
}
