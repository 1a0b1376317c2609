package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.JettyProcess;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A shop with Spring MVC and Spring Security, as it would be without Holdfast, on two nodes with nothing but their
 * settings: the login page, the page behind it, a cart that is changed in place and a message for the page after a
 * redirect go on when the node is killed between them.
 *
 * <p>On Tomcat 10.1, killed where most is half-way; with {@code -Dapplications.whole=true} on all containers, after
 * each answer.
 */
class SpringSecurityIT {
    private static final boolean WHOLE = Boolean.getBoolean("applications.whole");

    /** After the login page, the login, and what was put into the cart before its message is shown. */
    private static final Set<Integer> HALF_WAY = Set.of(2, 3, 5);

    private static final Path SHOP = Path.of("target", "shop").toAbsolutePath();

    private static RedisProcess redis;

    /** Where the shop runs. */
    enum Server {
        TOMCAT_10_1 {
            @Override
            ContainerProcess node(String name) {
                return tomcat(TomcatDistribution.TOMCAT_10_1, name);
            }
        },
        TOMCAT_11 {
            @Override
            ContainerProcess node(String name) {
                return tomcat(TomcatDistribution.TOMCAT_11, name);
            }
        },
        JETTY {
            @Override
            ContainerProcess node(String name) {
                return JettyProcess.node(name)
                        .application("shop", SHOP, "ee10")
                        .module("ee10-annotations")
                        .property("holdfast.redis", redis.uri().toString())
                        .property("holdfast.node", name)
                        .property("holdfast.apps", "shop")
                        .prepare();
            }
        };

        abstract ContainerProcess node(String name);

        private static ContainerProcess tomcat(TomcatDistribution distribution, String name) {
            return TomcatProcess.node(distribution, name)
                    .library(CommitWays.jarOf("tomcat-valve"))
                    .application("shop", SHOP)
                    .property("holdfast.redis", redis.uri().toString())
                    .property("holdfast.node", name)
                    .property("holdfast.apps", "shop")
                    .prepare();
        }
    }

    static Stream<Server> servers() {
        return WHOLE ? Stream.of(Server.values()) : Stream.of(Server.TOMCAT_10_1);
    }

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    /** One customer, and after which of his answers the node that gave it is killed. */
    private static final class Customer {
        private final Browser browser = new Browser();
        private final List<ContainerProcess> nodes;
        private final IntPredicate kills;
        private int current;
        private int answers;

        Customer(List<ContainerProcess> nodes, IntPredicate kills) {
            this.nodes = nodes;
            this.kills = kills;
        }

        private Answer send(String method, String path, String form) {
            ContainerProcess node = nodes.get(current);
            node.awaitAnswer();
            Browser.Request request = browser.request(node, method, path).header("Accept", "text/html");
            Answer answer = (form.isEmpty() ? request : request.form(form)).send();
            answers++;
            if (kills.test(answers)) {
                node.kill();
                node.launch();
                current = 1 - current;
            }
            return answer;
        }

        String get(String path) {
            Answer answer = send("GET", path, "");
            return answer.status() == 200 ? answer.body() : answer.status() + " to " + target(answer);
        }

        String post(String path, String page, String fields) {
            return target(send("POST", path, fields + "&_csrf=" + encoded(field(page))));
        }

        private static String target(Answer answer) {
            return answer.all("location").stream()
                    .map(URI::create)
                    .map(uri -> uri.getPath() + (uri.getQuery() == null ? "" : "?" + uri.getQuery()))
                    .findFirst()
                    .orElse(answer.status() + " " + answer.body());
        }

        private static String field(String page) {
            Matcher field =
                    Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"").matcher(page);
            assertThat(field.find()).as(page).isTrue();
            return field.group(1);
        }

        private static String encoded(String text) {
            return URLEncoder.encode(text, StandardCharsets.UTF_8);
        }
    }

    private static String shown(String page, String id) {
        Matcher element = Pattern.compile("<p id=\"" + id + "\">([^<]*)</p>").matcher(page);
        assertThat(element.find()).as(page).isTrue();
        return element.group(1);
    }

    private static String line(String page) {
        return shown(page, "customer") + " | " + shown(page, "said") + " | " + shown(page, "cart") + "\n";
    }

    /** The steps of one customer, and what he sees. */
    private static String visit(Customer customer) {
        StringBuilder seen = new StringBuilder();
        seen.append(customer.get("/shop/cart")).append('\n');
        String login = customer.get("/shop/login");
        String behind = customer.post("/shop/login", login, "username=ada&password=engine");
        seen.append(behind).append('\n');
        String cart = customer.get("/shop/cart");
        seen.append(line(cart));
        for (String item : List.of("tea", "cups")) {
            seen.append(customer.post("/shop/add", cart, "item=" + item)).append('\n');
            cart = customer.get("/shop/cart");
            seen.append(line(cart));
        }
        return seen.toString();
    }

    @ParameterizedTest
    @MethodSource("servers")
    void nextStepGoesOnWhenTheNodeOfTheLastOneIsKilled(Server server) {
        try (ContainerProcess n1 = server.node("n1");
                ContainerProcess n2 = server.node("n2")) {
            List<ContainerProcess> nodes = List.of(n1, n2);
            nodes.forEach(ContainerProcess::launch);

            String control = visit(new Customer(nodes, answer -> false));
            String killed = visit(new Customer(nodes, answer -> WHOLE || HALF_WAY.contains(answer)));

            assertThat(control).isEqualTo("""
                    302 to /shop/login
                    /shop/cart?continue
                    ada |  |\s
                    /shop/cart
                    ada | tea is in your cart. | tea
                    /shop/cart
                    ada | cups is in your cart. | tea, cups
                    """);
            assertThat(killed).isEqualTo(control);
            assertThat(n1.log() + n2.log()).doesNotContain("HF-2");
        }
    }
}
