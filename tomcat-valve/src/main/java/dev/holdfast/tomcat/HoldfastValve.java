package dev.holdfast.tomcat;

import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.request.RequestScope;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Opens and closes the scope of each request to an application that takes part; one for each host.
 *
 * <p>It sits in the host's pipeline, not the application's: login pages, custom error pages and request listeners run
 * outside of the latter. It makes no call to the store by itself, and for other applications it does nothing.
 */
final class HoldfastValve extends ValveBase {
    private static final String NOTE = HoldfastValve.class.getName();

    HoldfastValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        EarlyLookups.forget();
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
