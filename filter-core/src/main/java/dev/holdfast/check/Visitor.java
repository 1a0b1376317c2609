package dev.holdfast.check;

import dev.holdfast.session.Shown;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Gets pages, one request after the other. Each has a connection of its own: some balancers choose by connections. */
final class Visitor {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    private static final int ANSWER_SECONDS = 30;
    private static final int MOST_REDIRECTS = 10;

    private final @Nullable SSLContext tls;

    /** @param insecure whether certificates and host names go unchecked */
    Visitor(boolean insecure) {
        tls = insecure ? believingAll() : null;
    }

    /**
     * Gets a page and what it leads to on its host.
     *
     * @throws UnreachableException if there is no whole answer within half a minute
     */
    Visit get(URI page, CookieJar jar) throws UnreachableException, InterruptedException {
        List<Exchange> exchanges = new ArrayList<>();
        URI address = page;
        while (true) {
            List<SetCookie> sent = jar.sentTo(address);
            HttpResponse<Void> response = send(address, sent);
            List<SetCookie> set = response.headers().allValues("Set-Cookie").stream()
                    .flatMap(line -> SetCookie.parse(line).stream())
                    .toList();
            jar.keep(address, set);
            exchanges.add(new Exchange(address, sent, response.statusCode(), set));
            URI next = redirect(address, response);
            if (next == null || exchanges.size() > MOST_REDIRECTS) {
                return new Visit(exchanges, null);
            }
            if (!page.getHost().equalsIgnoreCase(next.getHost())) {
                return new Visit(exchanges, next);
            }
            address = next;
        }
    }

    private static @Nullable URI redirect(URI address, HttpResponse<Void> response) {
        String location = response.headers().firstValue("Location").orElse("");
        if (response.statusCode() / 100 != 3 || location.isEmpty()) {
            return null;
        }
        try {
            URI next = address.resolve(location);
            return String.valueOf(next.getScheme()).matches("(?i)https?") ? next : null;
        } catch (IllegalArgumentException e) {
            return null; // browsers would go somewhere; what was answered so far can be looked at
        }
    }

    private HttpResponse<Void> send(URI address, List<SetCookie> cookies)
            throws UnreachableException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).header("User-Agent", "Holdfast-check");
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.stream()
                            .map(cookie -> cookie.name() + "=" + cookie.value())
                            .collect(Collectors.joining("; ")));
        }
        HttpClient.Builder client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_LIMIT);
        if (tls != null) {
            client.sslContext(tls);
        }
        try {
            // Not send(): its limit ends with the head, and a stream of events never ends.
            return client.build()
                    .sendAsync(request.build(), BodyHandlers.discarding())
                    .get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new UnreachableException("There was no whole answer within " + ANSWER_SECONDS
                    + " seconds. Name a page that ends, and look whether a node hangs.");
        } catch (ExecutionException e) {
            throw new UnreachableException(why(e.getCause()));
        }
    }

    private static String why(@Nullable Throwable cause) {
        if (cause instanceof SSLException) {
            return "TLS did not come about (" + text(cause) + "). A certificate that Java does not know, a self-signed"
                    + " one for instance, is not looked at with --insecure.";
        }
        if (cause instanceof ConnectException || cause instanceof HttpTimeoutException) {
            return "No connection came about (" + text(cause) + "). Look at host and port, and whether the balancer"
                    + " runs.";
        }
        return "There was no whole answer (" + text(cause) + "). Look at the log of the balancer.";
    }

    private static String text(@Nullable Throwable failure) {
        if (failure == null) {
            return "no reason is given";
        }
        String message = failure.getMessage();
        return failure.getClass().getSimpleName() + (message == null ? "" : ": " + Shown.text(message));
    }

    private static SSLContext believingAll() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new BelievesAll()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has TLS", e);
        }
    }

    /** Of the extended kind, to which the JDK leaves the name of the host, too. */
    private static final class BelievesAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            // No server asks.
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            // No server asks.
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            // No server asks.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            // The user said so.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            // The user said so.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            // The user said so.
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
