package dev.holdfast.affinity;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A browser with one site's cookies, which lie open to be changed. */
final class Browser {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, String> cookies = new LinkedHashMap<>();
    private final URI site;

    Browser(int port) {
        site = URI.create("http://127.0.0.1:" + port);
    }

    /** An answer; {@code setCookies} are the whole header lines. */
    record Answer(int status, String body, List<String> setCookies, HttpHeaders headers) {
        List<String> headers(String name) {
            return headers.allValues(name);
        }

        List<String> setCookies(String name) {
            return setCookies.stream()
                    .filter(line -> line.startsWith(name + "="))
                    .toList();
        }
    }

    /** @param headers name and value in turn */
    Answer get(String path, String... headers) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(site.resolve(path)), headers);
    }

    /** @param form fields of a form, already encoded */
    Answer post(String path, String form) throws IOException, InterruptedException {
        return send(
                HttpRequest.newBuilder(site.resolve(path)).POST(BodyPublishers.ofString(form)),
                "Content-Type",
                "application/x-www-form-urlencoded");
    }

    private Answer send(HttpRequest.Builder request, String... headers) throws IOException, InterruptedException {
        request.timeout(PATIENCE);
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
        List<String> setCookies = response.headers().allValues("Set-Cookie");
        setCookies.forEach(this::keep);
        return new Answer(response.statusCode(), response.body(), setCookies, response.headers());
    }

    private void keep(String setCookie) {
        String pair = setCookie.split(";", 2)[0];
        String name = pair.substring(0, pair.indexOf('='));
        if (setCookie.matches("(?i).*; *max-age=0.*")) {
            cookies.remove(name);
        } else {
            cookies.put(name, pair.substring(pair.indexOf('=') + 1));
        }
    }

    Map<String, String> cookies() {
        return cookies;
    }
}
