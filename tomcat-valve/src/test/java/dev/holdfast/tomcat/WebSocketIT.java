package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a WebSocket sets in the session of its handshake, on the Tomcats of the distributions. No request is there to
 * save it.
 */
@ExtendWith(LogScan.class)
class WebSocketIT {
    private static final String CHAT = """
            package chat;

            import jakarta.servlet.http.HttpSession;
            import jakarta.websocket.HandshakeResponse;
            import jakarta.websocket.OnMessage;
            import jakarta.websocket.Session;
            import jakarta.websocket.server.HandshakeRequest;
            import jakarta.websocket.server.ServerEndpoint;
            import jakarta.websocket.server.ServerEndpointConfig;

            @ServerEndpoint(value = "/chat", configurator = Chat.Handshake.class)
            public class Chat {
                public static class Handshake extends ServerEndpointConfig.Configurator {
                    @Override
                    public void modifyHandshake(
                            ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
                        config.getUserProperties().put("session", request.getHttpSession());
                    }
                }

                @OnMessage
                public String said(String text, Session socket) {
                    HttpSession session = (HttpSession) socket.getUserProperties().get("session");
                    session.setAttribute("said", text);
                    return "heard " + text;
                }
            }
            """;

    private final CookieManager cookies = new CookieManager();
    private final HttpClient client = HttpClient.newBuilder()
            .cookieHandler(cookies)
            .connectTimeout(Duration.ofSeconds(20))
            .build();

    @ParameterizedTest
    @EnumSource(TomcatDistribution.class)
    void changeOfAWebSocketIsSavedAtAnOrderlyStop(TomcatDistribution distribution) throws Exception {
        Path application = application(distribution);
        try (RedisProcess redis = RedisProcess.start();
                TomcatProcess one = node(distribution, "n1", redis, application);
                TomcatProcess two = node(distribution, "n2", redis, application)) {
            assertThat(get(one.uri("/shop/?do=set&name=a&value=1"))).contains("a=1");
            assertThat(get(one.uri("/shop/?do=read"))).contains("a=1");

            assertThat(say(one, "hello")).isEqualTo("heard hello");
            one.stop();

            assertThat(get(two.uri("/shop/?do=read"))).isEqualTo("old a=1 said=hello");
            assertThat(one.log()).doesNotContain("HF-210").doesNotContain("HF-225");
        }
    }

    private static Path application(TomcatDistribution distribution) {
        return ExplodedApplication.create("chat")
                .webXml("""
                        <distributable/>
                        <servlet>
                          <servlet-name>cart</servlet-name>
                          <servlet-class>dev.holdfast.testing.CartServlet</servlet-class>
                        </servlet>
                        <servlet-mapping><servlet-name>cart</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
                        """)
                .classes(CartServlet.class)
                .source(
                        "chat.Chat",
                        CHAT,
                        distribution.library("servlet-api.jar"),
                        distribution.library("websocket-api.jar"),
                        distribution.library("websocket-client-api.jar"))
                .path();
    }

    private static TomcatProcess node(
            TomcatDistribution distribution, String name, RedisProcess redis, Path application) {
        return TomcatProcess.node(distribution, name)
                .library(CommitWays.jar())
                .application("shop", application)
                .property("holdfast.node", name)
                .property("holdfast.redis", redis.uri().toString())
                .start();
    }

    private String get(URI uri) throws Exception {
        HttpResponse<String> answer =
                client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body();
    }

    /** Sends a message on a WebSocket of this browser, and leaves it open. */
    private String say(TomcatProcess node, String text) throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        String sent = cookies.getCookieStore().getCookies().stream()
                .map(cookie -> cookie.getName() + "=" + cookie.getValue())
                .collect(Collectors.joining("; "));
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .header("Cookie", sent)
                .buildAsync(
                        URI.create(node.uri("/shop/chat").toString().replace("http:", "ws:")),
                        new WebSocket.Listener() {
                            @Override
                            public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
                                heard.complete(data.toString());
                                return WebSocket.Listener.super.onText(from, data, last);
                            }
                        })
                .get(20, TimeUnit.SECONDS);
        socket.sendText(text, true).get(20, TimeUnit.SECONDS);
        return heard.get(20, TimeUnit.SECONDS);
    }
}
