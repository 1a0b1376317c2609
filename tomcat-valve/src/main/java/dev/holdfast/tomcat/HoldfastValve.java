package dev.holdfast.tomcat;

import dev.holdfast.NodePages;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.request.RequestScope;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.Context;
import org.apache.catalina.Host;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Opens and closes the scope of each request to an application that takes part; one for each host.
 *
 * <p>It sits in the host's pipeline, not the application's: login pages, custom error pages and request listeners run
 * outside of the latter. So are the node's own pages asked for, whatever application has their path. It makes no call
 * to the store by itself, and for other applications it does nothing.
 */
final class HoldfastValve extends ValveBase {
    private static final String NOTE = HoldfastValve.class.getName();

    /** Of the server: all its applications have the same, as long as one of them runs. */
    private volatile NodePages pages = NodePages.NONE;

    HoldfastValve() {
        super(true);
    }

    void answer(NodePages asked) {
        pages = asked;
    }

    /** For an application that may be refused yet: the pages of one that runs stay. */
    void answerUnlessTold(NodePages asked) {
        if (pages.areNone()) {
            pages = asked;
        }
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        EarlyLookups.forget();
        NodePages asked = pages;
        if (!asked.areNone()
                && asked.have(request.getDecodedRequestURI())
                && asked.isAsked(request.getDecodedRequestURI(), request.getRequestURI())
                && getContainer() instanceof Host host) {
            ResponseBuffer.giveBack(response);
            NodePage.give(asked, host, request, response);
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
            CostReport.addAttribute(manager.requestCost(), request, hold.scope());
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
