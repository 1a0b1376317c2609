package dev.holdfast.testing;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Pages of which some keep their session, or begin their answer before they use it. */
public final class WaitingServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private static final CountDownLatch INSIDE = new CountDownLatch(1);
    private static final CountDownLatch GO = new CountDownLatch(1);

    /** Whether a slow request is inside. */
    static boolean isInside() {
        return INSIDE.getCount() == 0;
    }

    /** Lets the slow requests go, once for all. */
    static void letGo() {
        GO.countDown();
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (request.getParameter("do")) {
            case "begin" -> request.getSession(true).setAttribute("a", "1");
            case "slow" -> {
                request.getSession(false).getAttribute("a");
                INSIDE.countDown();
                try {
                    if (!GO.await(60, TimeUnit.SECONDS)) {
                        throw new IOException("Nobody has let the slow request go");
                    }
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            case "quick" -> response.getWriter().print(request.getSession(false).getAttribute("a"));
            case "flush", "close" -> {
                response.getWriter().print("begun ");
                response.flushBuffer();
                response.getWriter().print(request.getSession(false).getAttribute("a"));
                if (request.getParameter("do").equals("close")) {
                    response.getWriter().close();
                }
            }
            default -> response.getWriter().print("public");
        }
    }
}
