package dev.holdfast.testing.tell;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Does what the parameters of the servlet's name say, one after the other, and answers with what it saw.
 *
 * <p>An act is a verb and its words. What an act throws is a line of the answer, like what another returns.
 */
public final class Acts extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        response.setContentType("text/plain");
        // A dispatcher adds its parameters to those of the request: the servlet behind it has a name of its own for
        // them.
        run(request, response, request.getParameterValues(getServletName()));
    }

    private static void run(HttpServletRequest request, HttpServletResponse response, String[] acts)
            throws ServletException, IOException {
        SessionActs session = new SessionActs(request);
        for (String act : acts == null ? new String[0] : acts) {
            String[] words = act.split(" ", -1);
            String seen;
            try {
                seen = dispatch(request, response, session, words);
            } catch (ActFailedException e) {
                throw new ServletException("as the act says", e);
            } catch (RuntimeException | ServletException e) {
                seen = e.getClass().getName() + ": " + e.getMessage();
            }
            if (seen != null) {
                response.getWriter().println(act + " -> " + seen);
            }
        }
    }

    /** Null for what is no line of the answer. */
    private static String dispatch(
            HttpServletRequest request, HttpServletResponse response, SessionActs session, String[] words)
            throws ServletException, IOException {
        switch (words[0]) {
            case "flush" -> response.flushBuffer();
            case "reset" -> response.reset();
            case "status" -> response.setStatus(Integer.parseInt(words[1]));
            case "error" -> response.sendError(Integer.parseInt(words[1]));
            case "redirect" -> response.sendRedirect(response.encodeRedirectURL(words[1]));
            case "throw" -> throw new ActFailedException();
            case "forward" -> request.getRequestDispatcher(target(words)).forward(request, response);
            case "include" -> request.getRequestDispatcher(target(words)).include(request, response);
            case "async" -> async(request, response, Arrays.copyOfRange(words, 1, words.length));
            case "dispatch" -> request.startAsync().dispatch(target(words));
            case "upgrade" -> request.upgrade(Talk.class).greet(session.current());
            default -> {
                String seen = session.act(words);
                return seen != null ? seen : RequestActs.act(request, response, words);
            }
        }
        return null;
    }

    /** The rest of the words are acts of their own, in which {@code +} stands for a blank. */
    private static String target(String[] words) {
        List<String> acts = Arrays.asList(words).subList(1, words.length);
        return "/inner?"
                + acts.stream()
                        .map(act -> "inner=" + URLEncoder.encode(act.replace('+', ' '), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
    }

    private static void async(HttpServletRequest request, HttpServletResponse response, String[] acts) {
        AsyncContext async = request.startAsync();
        async.start(() -> {
            try {
                String[] plain =
                        Arrays.stream(acts).map(act -> act.replace('+', ' ')).toArray(String[]::new);
                run((HttpServletRequest) async.getRequest(), response, plain);
            } catch (IOException | ServletException e) {
                throw new IllegalStateException(e);
            } finally {
                async.complete();
            }
        });
    }

    /** What {@code throw} throws, so that nothing else is taken for it. */
    private static final class ActFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Another servlet for the same: what is forwarded to and included, and error pages. */
    public static final class Page extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            HttpSession session = request.getSession(false);
            Object seen = session == null ? "no session" : session.getAttribute("a");
            if (session != null) {
                session.setAttribute("page", request.getServletPath());
            }
            response.getWriter()
                    .println(request.getServletPath() + " of " + request.getMethod() + " " + request.getRequestURI()
                            + " for " + request.getRemoteUser() + ": " + seen + ", form "
                            + request.getParameter("field"));
        }
    }
}
