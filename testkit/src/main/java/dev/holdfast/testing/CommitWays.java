package dev.holdfast.testing;

import dev.holdfast.testing.ways.Basket;
import dev.holdfast.testing.ways.SessionState;
import dev.holdfast.testing.ways.Ways;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The ways in which a response can be committed, as a client asks for them, and the application that takes them. */
public final class CommitWays {
    /** Where the application is deployed. */
    public static final String APP = "ways";

    /** When a way's node is to die. */
    public enum Death {
        /** As soon as anything of the answer was read: the application has committed it and still goes on. */
        AT_FIRST_BYTE,
        /** When the whole answer was read. */
        AT_LAST_BYTE
    }

    /**
     * One way.
     *
     * @param path below the application
     * @param status that the client reads
     * @param http2 whether it is asked for with HTTP/2
     * @param late whether an error page changes the session, too
     */
    public record Way(String title, String method, String path, int status, Death death, boolean http2, boolean late) {
        private Way(String title, String path, int status, Death death) {
            this(title, "GET", path, status, death, false, false);
        }

        private Way method(String other) {
            return new Way(title, other, path, status, death, http2, late);
        }

        private Way onHttp2() {
            return new Way(title + ", HTTP/2", method, path, status, death, true, late);
        }

        private Way withErrorPage() {
            return new Way(title, method, path, status, death, http2, true);
        }

        /** The request, ready to be sent. */
        public Browser.Request request(Browser browser, HttpNode node, String value) {
            Browser.Request request =
                    browser.request(node, method, "/" + APP + path).header("X-Value", value);
            if (path.endsWith("/upgrade")) {
                request.header("Connection", "Upgrade").header("Upgrade", "silence");
            }
            return http2 ? request.http2() : request;
        }

        @Override
        public String toString() {
            return title;
        }
    }

    /** All ways that leave a session behind which was there before. */
    public static final List<Way> ALL = List.of(
            new Way("small body", "/ways/small", 200, Death.AT_LAST_BYTE),
            new Way("empty body", "/ways/empty", 200, Death.AT_LAST_BYTE),
            new Way("HEAD, small", "/ways/small", 200, Death.AT_LAST_BYTE).method("HEAD"),
            new Way("HEAD, 100 kB", "/ways/stream-100k", 200, Death.AT_FIRST_BYTE).method("HEAD"),
            new Way("flushBuffer", "/ways/flush-buffer", 200, Death.AT_FIRST_BYTE),
            new Way("flush of the writer", "/ways/writer-flush", 200, Death.AT_FIRST_BYTE),
            new Way("close of the writer", "/ways/writer-close", 200, Death.AT_LAST_BYTE),
            new Way("close of the stream", "/ways/stream-close", 200, Death.AT_LAST_BYTE),
            new Way("100 kB by the stream", "/ways/stream-100k", 200, Death.AT_FIRST_BYTE),
            new Way("100 kB by the writer", "/ways/writer-100k", 200, Death.AT_FIRST_BYTE),
            new Way("include and flush", "/ways/include", 200, Death.AT_FIRST_BYTE),
            new Way("forward", "/ways/forward", 200, Death.AT_LAST_BYTE),
            new Way("redirect", "/ways/redirect", 302, Death.AT_LAST_BYTE),
            new Way("change after a redirect", "/ways/redirect-then-change", 302, Death.AT_LAST_BYTE),
            new Way("sendError", "/ways/send-error", 409, Death.AT_LAST_BYTE),
            new Way("sendError, own page", "/ways/send-error-page", 410, Death.AT_LAST_BYTE).withErrorPage(),
            new Way("exception", "/ways/exception", 500, Death.AT_LAST_BYTE),
            new Way("exception, own page", "/ways/exception-page", 500, Death.AT_LAST_BYTE).withErrorPage(),
            new Way("reset, then a body", "/ways/reset", 200, Death.AT_LAST_BYTE),
            new Way("content length written exactly", "/ways/content-length", 200, Death.AT_LAST_BYTE),
            new Way("sendfile", "/ways/sendfile", 200, Death.AT_FIRST_BYTE),
            new Way("static file, 1 kB", "/static/small.txt", 200, Death.AT_LAST_BYTE),
            new Way("static file, 200 kB", "/static/large.txt", 200, Death.AT_FIRST_BYTE),
            new Way("buffering filter", "/ways/buffered", 200, Death.AT_LAST_BYTE),
            new Way("async, complete", "/ways/async", 200, Death.AT_LAST_BYTE),
            new Way("async, changed on a thread", "/ways/async-change-on-thread", 200, Death.AT_LAST_BYTE),
            new Way("async, flushed on a thread", "/ways/async-flush", 200, Death.AT_FIRST_BYTE),
            new Way("async, dispatch", "/ways/async-dispatch", 200, Death.AT_LAST_BYTE),
            new Way("async, started twice", "/ways/async-restart", 200, Death.AT_LAST_BYTE),
            new Way("async, timeout", "/ways/async-timeout", 500, Death.AT_LAST_BYTE),
            new Way("async, sendError", "/ways/async-send-error", 410, Death.AT_LAST_BYTE).withErrorPage(),
            new Way("WriteListener", "/ways/write-listener", 200, Death.AT_FIRST_BYTE),
            new Way("upgrade", "/ways/upgrade", 101, Death.AT_LAST_BYTE),
            new Way("small body", "/ways/small", 200, Death.AT_LAST_BYTE).onHttp2(),
            new Way("flushBuffer", "/ways/flush-buffer", 200, Death.AT_FIRST_BYTE).onHttp2(),
            new Way("100 kB by the stream", "/ways/stream-100k", 200, Death.AT_FIRST_BYTE).onHttp2(),
            new Way("async, complete", "/ways/async", 200, Death.AT_LAST_BYTE).onHttp2(),
            new Way("HEAD, small", "/ways/small", 200, Death.AT_LAST_BYTE)
                    .method("HEAD")
                    .onHttp2());

    private CommitWays() {}

    /**
     * The application, as its developer would hand it over: nothing but {@code <distributable/>} says that it takes
     * part.
     */
    public static Path application() {
        return ExplodedApplication.create(APP)
                .classes(Ways.class, SessionState.class, Basket.class)
                .fileOf("static/small.txt", 1_000)
                .fileOf("static/large.txt", 200_000)
                .webXml("""
                        <distributable/>
                        <listener><listener-class>dev.holdfast.testing.ways.Ways</listener-class></listener>
                        <error-page><error-code>410</error-code><location>/ways/error-page</location></error-page>
                        <error-page>
                          <exception-type>dev.holdfast.testing.ways.Ways$KnownFailure</exception-type>
                          <location>/ways/error-page</location>
                        </error-page>
                        <security-constraint>
                          <web-resource-collection>
                            <web-resource-name>private</web-resource-name>
                            <url-pattern>/ways/private</url-pattern>
                          </web-resource-collection>
                          <auth-constraint><role-name>user</role-name></auth-constraint>
                        </security-constraint>
                        <login-config>
                          <auth-method>FORM</auth-method>
                          <form-login-config>
                            <form-login-page>/ways/login-page</form-login-page>
                            <form-error-page>/ways/login-page</form-error-page>
                          </form-login-config>
                        </login-config>
                        <security-role><role-name>user</role-name></security-role>
                        """)
                .path();
    }

    /** The one JAR that the build of this module makes. */
    public static Path jar() {
        return jarIn(Path.of("target"));
    }

    /** The one JAR that the build of another module has made, {@code tomcat-valve} or {@code jetty-module}. */
    public static Path jarOf(String module) {
        return jarIn(Repository.root().resolve(module).resolve("target"));
    }

    private static Path jarIn(Path target) {
        try (Stream<Path> files = Files.list(target.toAbsolutePath().normalize())) {
            List<Path> jars = files.filter(file ->
                            file.getFileName().toString().matches("holdfast-(tomcat|jetty)-[0-9.]+(-SNAPSHOT)?\\.jar"))
                    .toList();
            if (jars.size() != 1) {
                throw new IllegalStateException(
                        "Not one JAR in " + target + ", but " + jars + ": build that module with this one");
            }
            return jars.get(0);
        } catch (IOException e) {
            throw new UncheckedIOException("No JAR in " + target + ": build that module with this one", e);
        }
    }
}
