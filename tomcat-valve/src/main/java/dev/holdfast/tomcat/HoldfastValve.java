package dev.holdfast.tomcat;

import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.request.RequestScope;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.Context;
import org.apache.catalina.Host;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.jspecify.annotations.Nullable;

/**
 * Opens and closes the scope of each request to an application that takes part; one for each host.
 *
 * <p>It sits in the host's pipeline, not the application's: login pages, custom error pages and request listeners run
 * outside of the latter. So is a node's health asked for, whatever application has that path. It makes no call to the
 * store by itself, and for other applications it does nothing.
 */
final class HoldfastValve extends ValveBase {
    private static final String NOTE = HoldfastValve.class.getName();

    /** Null for none. Of the server: all its applications have the same, as long as one of them runs. */
    private volatile @Nullable String healthPath;

    HoldfastValve() {
        super(true);
    }

    void answerHealthAt(@Nullable String path) {
        healthPath = path;
    }

    /** For an application that may be refused yet: the path of one that runs stays. */
    void answerHealthUnlessTold(@Nullable String path) {
        if (healthPath == null) {
            healthPath = path;
        }
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        EarlyLookups.forget();
        String health = healthPath;
        if (health != null && health.equals(request.getDecodedRequestURI()) && getContainer() instanceof Host host) {
            ResponseBuffer.giveBack(response);
            HealthAnswer.give(host, request, response);
            return;
        }
        Context context = request.getContext();
        if (context == null || !(context.getManager() instanceof HoldfastManager manager) || !manager.isServing()) {
            ResponseBuffer.giveBack(response);
            getNext().invoke(request, response);
            return;
        }
        RequestHold hold;
        if (request.getNote(NOTE) instanceof RequestHold known && known.belongsTo(manager)) {
            hold = known; // an asynchronous request comes through more than once
        } else {
            manager.cookies().dropRoute(request);
            ResponseBuffer.giveBack(response);
            hold = RequestHold.begin(manager, request, response);
            request.setNote(NOTE, hold);
        }
        manager.cookies().markHandled(request);
        RequestScope before = hold.scope().enter();
        hold.passing();
        try {
            getNext().invoke(request, response);
        } catch (SessionRefusedException e) {
            if (!hold.isRefused()) {
                throw e;
            }
        } finally {
            try {
                hold.repair();
            } finally {
                try {
                    hold.passed();
                } finally {
                    RequestScope.leave(before);
                }
            }
        }
    }
}
