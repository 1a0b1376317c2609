package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.Opened;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.Visit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A shop with Wicket on two nodes with nothing but their settings: when the node is killed, login and cart go on, and
 * the page begins again. With its pages in the session, as {@code docs/frameworks.md} shows it, they go on, too.
 *
 * <p>On Tomcat 10.1, killed where most is half-way; with {@code -Dapplications.whole=true} on all containers, and the
 * shop with its pages in the session after each answer.
 */
class WicketIT {
    private static final boolean WHOLE = Boolean.getBoolean("applications.whole");

    /** With a message that waits for its page, and at an older page in the middle of the order. */
    private static final Set<Integer> HALF_WAY = Set.of(5, 16);

    private static final Path SHOP = BuiltApplication.of("wicket", "shop");

    @RegisterExtension
    final Opened opened = new Opened();

    private final RedisProcess redis = opened.keep(RedisProcess.start());

    private static void login(Visit visit) {
        visit.open("");
        visit.submit("form", Map.of("user", "ada", "password", "engine"));
    }

    private static String cart(Visit visit) {
        return Stream.of("#customer", "#said", "#cart", "#clicks")
                .map(visit::text)
                .toList()
                .toString();
    }

    private static String order(Visit visit) {
        return Stream.of("#customer", "#answers", "#question")
                .map(visit::text)
                .toList()
                .toString();
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void loginAndCartGoOnAndThePageBeginsAgain(ApplicationServer server) {
        try (ContainerProcess n1 = server.node("n1", redis, Map.of("shop", SHOP));
                ContainerProcess n2 = server.node("n2", redis, Map.of("shop", SHOP))) {
            List<ContainerProcess> nodes = List.of(n1, n2);
            nodes.forEach(ContainerProcess::launch);
            AtomicBoolean kill = new AtomicBoolean();
            Visit visit = new Visit(nodes, "/shop", answer -> kill.getAndSet(false));

            kill.set(true); // in front of the login page
            login(visit);
            visit.submit("form", Map.of("item", "tea"));
            visit.click("#click").click("#click");
            assertThat(cart(visit)).isEqualTo("[ada, , tea, 2]");

            kill.set(true); // between what the click has done and the page that would show it
            visit.click("#click");
            assertThat(cart(visit)).isEqualTo("[ada, , tea, 0]");
            visit.click("#click");
            kill.set(true); // with a message that is in the page, which waits in the node's memory
            visit.submit("form", Map.of("item", "cups"));
            assertThat(cart(visit)).isEqualTo("[ada, , tea, cups, 0]");
            visit.click("#click");
            assertThat(cart(visit)).isEqualTo("[ada, , tea, cups, 1]");

            visit.click("#order").submit("form", Map.of("answer", "Charles"));
            assertThat(order(visit)).isEqualTo("[ada, Charles, Where to?]");
            kill.set(true); // while the page is looked at
            visit.open(visit.page().location());
            assertThat(order(visit)).isEqualTo("[ada, Charles, Where to?]");
            visit.submit("form", Map.of("answer", "London"));
            assertThat(order(visit)).isEqualTo("[ada, , For whom?]");
            for (String answer : List.of("Charles", "London", "today")) {
                visit.submit("form", Map.of("answer", answer));
            }
            assertThat(cart(visit)).isEqualTo("[ada, tea, cups for Charles, London, today., , 0]");

            String log = n1.log() + n2.log();
            assertThat(log).doesNotContain("HF-2");
            assertThat(log.lines().filter(line -> line.contains("HF-306")))
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line).contains("wicket:shop:wicket:DiskPageStore"));
        }
    }

    /** The same application, but for the class that is named in web.xml and the block of the documentation. */
    private static Path withPages() {
        try {
            Path copy = Files.createTempDirectory(
                            Files.createDirectories(Path.of("target", "it-apps").toAbsolutePath()), "pages")
                    .resolve("pages");
            try (Stream<Path> files = Files.walk(SHOP)) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(SHOP.relativize(file).toString()));
                }
            }
            Path webXml = copy.resolve("WEB-INF/web.xml");
            String text = Files.readString(webXml);
            String changed = text.replace("com.example.shop.Shop<", "com.example.shop.ShopWithPages<")
                    .replace("</web-app>", Docs.block("frameworks.md", "Wicket", "xml") + "</web-app>");
            Files.writeString(webXml, changed);
            return copy;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> stepsWithPages(List<ContainerProcess> nodes, IntPredicate kills) {
        Visit visit = new Visit(nodes, "/pages", kills);
        List<String> seen = new ArrayList<>();
        login(visit);
        seen.add(cart(visit));
        seen.add(cart(visit.submit("form", Map.of("item", "tea"))));
        seen.add(cart(visit.click("#click")));
        seen.add(cart(visit.click("#click")));
        seen.add(order(visit.click("#order")));
        seen.add(order(visit.submit("form", Map.of("answer", "Charles"))));
        String older = visit.page().location();
        seen.add(order(visit.submit("form", Map.of("answer", "London"))));
        seen.add(order(visit.open(older)));
        seen.add(order(visit.submit("form", Map.of("answer", "Paris"))));
        seen.add(cart(visit.submit("form", Map.of("answer", "today"))));
        return seen;
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void pagesInTheSessionGoOnOlderOnesToo(ApplicationServer server) {
        Map<String, Path> pages = Map.of("pages", withPages());
        try (ContainerProcess n1 = server.node("n1", redis, pages);
                ContainerProcess n2 = server.node("n2", redis, pages)) {
            List<ContainerProcess> nodes = List.of(n1, n2);
            nodes.forEach(ContainerProcess::launch);

            List<String> control = stepsWithPages(nodes, answer -> false);
            List<String> killed = stepsWithPages(nodes, answer -> WHOLE || HALF_WAY.contains(answer));

            assertThat(control)
                    .containsExactly(
                            "[ada, , , 0]",
                            "[ada, tea is in your cart., tea, 0]",
                            "[ada, , tea, 1]",
                            "[ada, , tea, 2]",
                            "[ada, , For whom?]",
                            "[ada, Charles, Where to?]",
                            "[ada, Charles, London, When?]",
                            "[ada, Charles, Where to?]",
                            "[ada, Charles, Paris, When?]",
                            "[ada, tea for Charles, Paris, today., , 0]");
            assertThat(killed).isEqualTo(control);
            assertThat(n1.log() + n2.log()).doesNotContain("HF-2", "HF-3");
        }
    }
}
