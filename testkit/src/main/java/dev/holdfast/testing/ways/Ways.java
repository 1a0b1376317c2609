package dev.holdfast.testing.ways;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;

/**
 * Every way in which a response can be committed, a servlet each. Each changes the session before the first byte of its
 * answer leaves, and none tells the session of what it changes in place.
 */
public final class Ways implements ServletContextListener {
    private static final byte[] KILOBYTE = "16 bytes of text".repeat(64).getBytes(StandardCharsets.US_ASCII);
    /** More than waits in memory, whatever buffers there are. */
    private static final byte[] HUNDRED_KILOBYTES =
            "20 bytes of text ...".repeat(5 * 1024).getBytes(StandardCharsets.US_ASCII);

    private ServletContext context;

    /** What one servlet does. */
    private interface Way {
        void answer(HttpServletRequest request, HttpServletResponse response) throws Exception;
    }

    @Override
    public void contextInitialized(ServletContextEvent event) {
        context = event.getServletContext();
        way("read", (request, response) -> response.getWriter().print(SessionState.describe(request)));
        plainWays();
        bufferWays();
        errorWays();
        sessionWays();
        asyncWays();
        fileWays();
    }

    private void plainWays() {
        way("small", (request, response) -> {
            SessionState.change(request);
            response.getWriter().print("done");
        });
        way("empty", (request, response) -> SessionState.change(request));
        way("flush-buffer", (request, response) -> {
            SessionState.change(request);
            response.flushBuffer();
            response.getWriter().print("done");
        });
        way("writer-flush", (request, response) -> {
            SessionState.change(request);
            response.getWriter().print("first ");
            response.getWriter().flush();
            response.getWriter().print("done");
        });
        way("writer-close", (request, response) -> {
            SessionState.change(request);
            response.getWriter().print("done");
            response.getWriter().close();
        });
        way("stream-close", (request, response) -> {
            SessionState.change(request);
            response.getOutputStream().print("done");
            response.getOutputStream().close();
        });
        way("stream-100k", (request, response) -> {
            SessionState.change(request);
            response.getOutputStream().write(HUNDRED_KILOBYTES);
        });
        way("writer-100k", (request, response) -> {
            SessionState.change(request);
            response.getWriter().print(new String(HUNDRED_KILOBYTES, StandardCharsets.US_ASCII));
        });
        way("include", (request, response) -> {
            request.getRequestDispatcher("/ways/small").include(request, response);
            response.flushBuffer();
        });
        way(
                "forward",
                (request, response) ->
                        request.getRequestDispatcher("/ways/small").forward(request, response));
        way("redirect", (request, response) -> {
            SessionState.change(request);
            response.sendRedirect(request.getContextPath() + "/ways/read");
        });
        way("redirect-then-change", (request, response) -> {
            response.sendRedirect(request.getContextPath() + "/ways/read");
            SessionState.change(request);
        });
        way("reset", (request, response) -> {
            SessionState.change(request);
            response.getWriter().print("not this");
            response.reset();
            response.getWriter().print("done");
        });
        way("content-length", (request, response) -> {
            SessionState.change(request);
            response.setContentLength(4);
            response.getOutputStream().print("done");
        });
        way("buffered", (request, response) -> {
            SessionState.change(request);
            response.getOutputStream().print("done");
            response.flushBuffer();
        });
        filter("buffering", new BufferingFilter(), "/ways/buffered");
    }

    private void errorWays() {
        way("send-error", (request, response) -> {
            SessionState.change(request);
            response.sendError(HttpServletResponse.SC_CONFLICT);
        });
        way("send-error-page", (request, response) -> {
            SessionState.change(request);
            response.sendError(HttpServletResponse.SC_GONE);
        });
        way("exception", (request, response) -> {
            SessionState.change(request);
            throw new IllegalStateException("thrown by a servlet of the test");
        });
        way("exception-page", (request, response) -> {
            SessionState.change(request);
            throw new KnownFailure();
        });
        way("error-page", (request, response) -> {
            request.getSession().setAttribute("late", request.getHeader(SessionState.VALUE));
            response.getWriter().print("the application's own page");
        });
    }

    /** How much of an answer the container keeps before it sends anything. */
    private void bufferWays() {
        // So many kilobytes, one by one: the session is asked for, changed, the answer flushed before that one.
        way("page", (request, response) -> {
            int kilobytes = number(request, "kb");
            for (int i = 0; i < kilobytes; i++) {
                if (i == number(request, "use")) {
                    request.getSession();
                }
                if (i == number(request, "change")) {
                    SessionState.change(request);
                }
                if (i == number(request, "flush")) {
                    response.flushBuffer();
                }
                response.getOutputStream().write(KILOBYTE);
            }
        });
        // What the buffer holds, before the session is asked for, and after; changes nothing.
        way("buffer", (request, response) -> {
            set(response, number(request, "first"));
            StringBuilder sizes = new StringBuilder().append(response.getBufferSize());
            if (request.getParameter("use") != null) {
                request.getSession();
            }
            set(response, number(request, "then"));
            sizes.append(' ').append(response.getBufferSize());
            response.getOutputStream().print("anything");
            try {
                response.setBufferSize(100_000);
            } catch (IllegalStateException e) {
                sizes.append(" refused");
            }
            response.resetBuffer();
            response.getOutputStream().print(sizes.toString());
        });
        way("reset-buffer", (request, response) -> {
            SessionState.change(request);
            for (int i = 0; i < number(request, "kb"); i++) {
                response.getOutputStream().write(KILOBYTE);
            }
            response.resetBuffer();
            response.getOutputStream().print("done");
        });
    }

    private static void set(HttpServletResponse response, int size) {
        if (size >= 0) {
            response.setBufferSize(size);
        }
    }

    /** -1 if the request has none of that name. */
    private static int number(HttpServletRequest request, String name) {
        String text = request.getParameter(name);
        return text == null ? -1 : Integer.parseInt(text);
    }

    private void sessionWays() {
        // Who answers, for which session, with which value; changes nothing.
        way("who", (request, response) -> {
            HttpSession session = request.getSession(false);
            String id = session == null ? "none" : session.getId();
            Object value = session == null ? null : session.getAttribute("set");
            response.getWriter().print(System.getProperty("holdfast.node") + " " + id + " " + value);
        });
        // A page with a link to the one above.
        way("link", (request, response) -> {
            SessionState.change(request);
            response.getWriter().print(response.encodeURL(request.getContextPath() + "/ways/who"));
        });
        way("change-id", (request, response) -> {
            SessionState.change(request);
            request.changeSessionId();
            response.flushBuffer();
        });
        way("invalidate", (request, response) -> {
            request.getSession().invalidate();
            response.flushBuffer();
        });
        way("login", (request, response) -> {
            request.login("ada", "engine");
            SessionState.change(request);
            response.flushBuffer();
        });
        way("upgrade", (request, response) -> {
            SessionState.change(request);
            request.upgrade(SilentConnection.class);
        });
        // Behind the FORM login
        way("private", (request, response) -> {
            SessionState.change(request);
            response.getWriter()
                    .print(request.getMethod() + " by " + request.getRemoteUser() + " with "
                            + request.getParameter("item"));
        });
        way("login-page", (request, response) -> {
            HttpSession session = request.getSession();
            String value = request.getHeader(SessionState.VALUE);
            if (value != null) {
                SessionState.change(session, value);
            }
            response.getWriter()
                    .print("log in at " + response.encodeURL(request.getContextPath() + "/ways/j_security_check"));
        });
    }

    private void asyncWays() {
        way("async", (request, response) -> {
            AsyncContext async = request.startAsync();
            SessionState.change(request);
            async.start(() -> {
                print(async, "done");
                async.complete();
            });
        });
        way("async-change-on-thread", (request, response) -> {
            AsyncContext async = request.startAsync();
            new Thread(
                            () -> {
                                SessionState.change(request);
                                print(async, "done");
                                async.complete();
                            },
                            "application-thread")
                    .start();
        });
        way("async-flush", (request, response) -> {
            AsyncContext async = request.startAsync();
            new Thread(
                            () -> {
                                try {
                                    SessionState.change(request);
                                    print(async, "first ");
                                    flush(async);
                                    print(async, "done");
                                } finally {
                                    async.complete();
                                }
                            },
                            "application-thread")
                    .start();
        });
        way("async-dispatch", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.start(() -> async.dispatch("/ways/small"));
        });
        way("async-restart", (request, response) -> {
            AsyncContext async = request.startAsync();
            if (request.getAttribute("again") == null) {
                request.setAttribute("again", "yes");
                async.start(() -> async.dispatch("/ways/async-restart"));
                return;
            }
            SessionState.change(request);
            async.start(() -> {
                print(async, "done");
                async.complete();
            });
        });
        way("async-timeout", (request, response) -> {
            SessionState.change(request);
            // Jetty loses a time-out that ends before it has noted its timer, for which a busy machine may take many
            // milliseconds.
            request.startAsync().setTimeout(1_000);
        });
        way("async-send-error", (request, response) -> {
            AsyncContext async = request.startAsync();
            SessionState.change(request);
            async.start(() -> {
                try {
                    ((HttpServletResponse) async.getResponse()).sendError(HttpServletResponse.SC_GONE);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                async.complete();
            });
        });
        way("write-listener", (request, response) -> {
            AsyncContext async = request.startAsync();
            ServletOutputStream out = response.getOutputStream();
            out.setWriteListener(new ChangeAndWrite(request, async, out));
        });
    }

    private void fileWays() {
        way("sendfile", (request, response) -> {
            SessionState.change(request);
            if (!request.getServletContext().getServerInfo().contains("Tomcat")) {
                request.getRequestDispatcher("/static/large.txt")
                        .forward(request, response); // as other containers send files
                return;
            }
            if (!Boolean.TRUE.equals(request.getAttribute("org.apache.tomcat.sendfile.support"))) {
                throw new IllegalStateException("This connector does not support sendfile");
            }
            File file = new File(request.getServletContext().getRealPath("/static/large.txt"));
            response.setContentLengthLong(file.length());
            request.setAttribute("org.apache.tomcat.sendfile.filename", file.getAbsolutePath());
            request.setAttribute("org.apache.tomcat.sendfile.start", 0L);
            request.setAttribute("org.apache.tomcat.sendfile.end", file.length());
        });
        filter(
                "change",
                (request, response, chain) -> {
                    SessionState.change((HttpServletRequest) request);
                    chain.doFilter(request, response);
                },
                "/static/*");
    }

    private void way(String name, Way way) {
        ServletRegistration.Dynamic servlet = context.addServlet(name, new WayServlet(way));
        servlet.addMapping("/ways/" + name);
        servlet.setAsyncSupported(true);
    }

    private void filter(String name, Filter filter, String mapping) {
        FilterRegistration.Dynamic registration = context.addFilter(name, filter);
        registration.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, mapping);
        registration.setAsyncSupported(true);
    }

    private static void print(AsyncContext async, String text) {
        try {
            async.getResponse().getWriter().print(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void flush(AsyncContext async) {
        try {
            async.getResponse().flushBuffer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class WayServlet extends HttpServlet {
        private static final long serialVersionUID = 1L;

        private final transient Way way;

        WayServlet(Way way) {
            this.way = way;
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws ServletException, IOException {
            try {
                way.answer(request, response);
            } catch (IOException | ServletException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new ServletException(e);
            }
        }
    }

    /** An exception that web.xml has a page for. */
    public static final class KnownFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        KnownFailure() {
            super("thrown by a servlet of the test, which has a page for it");
        }
    }

    /** Changes the session when the container first asks for bytes. */
    private static final class ChangeAndWrite implements WriteListener {
        private final HttpServletRequest request;
        private final AsyncContext async;
        private final ServletOutputStream out;
        private boolean written;

        ChangeAndWrite(HttpServletRequest request, AsyncContext async, ServletOutputStream out) {
            this.request = request;
            this.async = async;
            this.out = out;
        }

        @Override
        public void onWritePossible() throws IOException {
            if (!written) {
                written = true;
                SessionState.change(request);
                out.write(HUNDRED_KILOBYTES);
            }
            if (out.isReady()) {
                async.complete();
            }
        }

        @Override
        public void onError(Throwable failure) {
            async.complete();
        }
    }

    /** Keeps the whole answer to itself until the application is done, flushes included. */
    private static final class BufferingFilter implements Filter {
        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            BufferedResponse buffered = new BufferedResponse((HttpServletResponse) response);
            chain.doFilter(request, buffered);
            buffered.send();
        }
    }

    private static final class BufferedResponse extends jakarta.servlet.http.HttpServletResponseWrapper {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        BufferedResponse(HttpServletResponse response) {
            super(response);
        }

        @Override
        public ServletOutputStream getOutputStream() {
            return new ServletOutputStream() {
                @Override
                public void write(int b) {
                    bytes.write(b);
                }

                @Override
                public boolean isReady() {
                    return true;
                }

                @Override
                public void setWriteListener(WriteListener listener) {
                    throw new UnsupportedOperationException();
                }
            };
        }

        @Override
        public PrintWriter getWriter() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void flushBuffer() {
            // Later, in send()
        }

        void send() throws IOException {
            getResponse().getOutputStream().write(bytes.toByteArray());
            getResponse().flushBuffer();
        }
    }

    /** What a connection becomes: nothing is said on it. */
    public static final class SilentConnection implements HttpUpgradeHandler {
        @Override
        public void init(WebConnection connection) {
            // The client has read that the protocol changes: that is all.
        }

        @Override
        public void destroy() {
            // Nothing to let go
        }
    }
}
