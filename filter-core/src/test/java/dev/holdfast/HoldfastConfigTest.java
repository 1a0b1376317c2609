package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.HoldfastConfig.Affinity;
import dev.holdfast.HoldfastConfig.Classes;
import dev.holdfast.config.Source;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.testing.TestAuthority;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class HoldfastConfigTest {
    @TempDir
    private Path directory;

    @Test
    void hasTheDocumentedDefaultsIfNothingIsSet() {
        HoldfastConfig config = read(Map.of(), Map.of(), Map.of());

        assertThat(config.node()).isNull();
        assertThat(config.redis()).isEqualTo(URI.create("redis://127.0.0.1:6379"));
        assertThat(config.redisCa()).isEmpty();
        assertThat(config.timeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.affinity()).isEqualTo(Affinity.COOKIE);
        assertThat(config.affinityCookie()).isEqualTo("HFROUTE");
        assertThat(config.affinityPrefix()).isEmpty();
        assertThat(config.app()).isEqualTo("shop");
        assertThat(config.classes()).isEqualTo(Classes.APP);
        assertThat(config.classesAllow()).isEmpty();
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void prefersSystemPropertiesToTheEnvironmentAndBothToWebXml() {
        HoldfastConfig config = read(
                Map.of("holdfast.node", "property"),
                Map.of("HOLDFAST_NODE", "environment", "HOLDFAST_AFFINITY_COOKIE", "ENV"),
                Map.of("holdfast.node", "xml", "holdfast.affinity.cookie", "XML", "holdfast.affinity.prefix", "."));

        assertThat(config.node()).isEqualTo("property");
        assertThat(config.affinityCookie()).isEqualTo("ENV");
        assertThat(config.affinityPrefix()).isEqualTo(".");
    }

    @Test
    void listsAllMistakesAtOnceWithTheirSources() {
        HoldfastConfigException failure = catchThrowableOfType(
                HoldfastConfigException.class,
                () -> read(
                        Map.of("holdfast.node", "node one"),
                        Map.of("HOLDFAST_REDIS", "redis://app:secret@cache"),
                        Map.of("holdfast.timeout", "2m", "holdfast.redsi", "x", "holdfast.affinity", "sufix")));

        assertThat(failure).hasMessage("""
                        5 settings are wrong:
                          holdfast.node is "node one" (from system property): must be 1 to 63 of the characters A-Z a-z 0-9 _ -.
                          holdfast.redis is "redis://app:***@cache" (from environment HOLDFAST_REDIS): must be redis://[user:password@]host:port[/db] with a port between 1 and 65535; the port is missing, which is 6379 unless you changed it.
                          holdfast.timeout is "2m" (from web.xml of /shop): must be between 10ms and 5s.
                          holdfast.affinity is "sufix" (from web.xml of /shop): must be cookie, suffix or none.
                          holdfast.redsi (from web.xml of /shop) is no setting of this version: the nearest name is holdfast.redis.""");
        assertThat(failure.mistakes()).hasSize(5);
    }

    @Test
    void doesNotLookFurtherAfterAWrongValue() {
        assertThatThrownBy(() -> read(Map.of("holdfast.node", ""), Map.of(), Map.of("holdfast.node", "n1")))
                .hasMessageContaining("holdfast.node is \"\" (from system property)");
    }

    @Test
    void warnsOnceOfUnknownNamesInTheEnvironment() {
        HoldfastConfig config =
                read(Map.of(), Map.of("HOLDFAST_NODES", "n1", "HOLDFAST_PORT", "tcp://1", "HOME", "/"), Map.of());

        assertThat(config.warnings())
                .containsExactly("The environment has names that are no settings and are ignored:"
                        + " HOLDFAST_NODES (nearest: HOLDFAST_NODE), HOLDFAST_PORT (nearest: HOLDFAST_NODE).");
    }

    @ParameterizedTest
    @CsvSource({"10ms, 10", "250ms, 250", "1s, 1000", "5s, 5000"})
    void understandsDurations(String text, long millis) {
        assertThat(read(Map.of(), Map.of(), Map.of("holdfast.timeout", text)).timeout())
                .isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"250", "250 ms", "1.5s", "-1s", "", "soon", "9ms", "5001ms", "31s", "1h"})
    void refusesDurationsWithoutUnitOrOutOfRange(String text) {
        assertThatThrownBy(() -> read(Map.of(), Map.of(), Map.of("holdfast.timeout", text)))
                .isInstanceOf(HoldfastConfigException.class)
                .hasMessageContaining("holdfast.timeout is \"" + text + "\"");
    }

    @ParameterizedTest
    @CsvSource({"memory, 0", "replicas:1, 1", "replicas:9, 9"})
    void readsDurability(String text, int replicas) {
        assertThat(read(Map.of(), Map.of(), Map.of("holdfast.durability", text)).replicas())
                .isEqualTo(replicas);
    }

    @ParameterizedTest
    @ValueSource(strings = {"replicas", "replicas:0", "replicas:10", "replicas: 1", "disk"})
    void refusesOtherDurability(String text) {
        assertThatThrownBy(() -> read(Map.of(), Map.of(), Map.of("holdfast.durability", text)))
                .hasMessageContaining(
                        "holdfast.durability is \"" + text
                                + "\" (from web.xml of /shop): must be memory, or replicas: and a number from 1 to 9, like replicas:1.");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "8k, 8192", "64k, 65536", "512k, 524288"})
    void readsTheBufferInBytes(String text, int bytes) {
        assertThat(read(Map.of(), Map.of(), Map.of()).buffer()).isEqualTo(65_536);
        assertThat(read(Map.of(), Map.of(), Map.of("holdfast.buffer", text)).buffer())
                .isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "65536, 'must be 0, or a number with its unit k, like 64k.'",
        "64K, 'must be 0, or a number with its unit k, like 64k.'",
        "1m, 'must be 0, or a number with its unit k, like 64k.'",
        "-1k, 'must be 0, or a number with its unit k, like 64k.'",
        "0k, 'must be 0, or between 8k and 512k.'",
        "7k, 'must be 0, or between 8k and 512k.'",
        "513k, 'must be 0, or between 8k and 512k.'",
        "999999999k, 'must be 0, or between 8k and 512k.'"
    })
    void refusesBuffersWithoutUnitOrOutOfRange(String text, String mustBe) {
        assertThatThrownBy(() -> read(Map.of(), Map.of(), Map.of("holdfast.buffer", text)))
                .isInstanceOf(HoldfastConfigException.class)
                .hasMessageContaining("holdfast.buffer is \"" + text + "\" (from web.xml of /shop): " + mustBe);
    }

    @ParameterizedTest
    @CsvSource({
        "'', ROOT",
        "/, ROOT",
        "##7, ROOT##7",
        "/shop, shop",
        "shop, shop",
        "/shop##2, shop##2",
        "/shop/admin, shop#admin",
        "/a.b_c-d, a.b_c-d"
    })
    void namesTheApplicationByItsContextPath(String contextPath, String app) {
        assertThat(HoldfastConfig.read(sources(Map.of(), Map.of(), Map.of()), AppPlace.at(contextPath))
                        .app())
                .isEqualTo(app);
    }

    @Test
    void wantsANameIfTheContextPathGivesNone() {
        assertThatThrownBy(() -> HoldfastConfig.read(sources(Map.of(), Map.of(), Map.of()), AppPlace.at("/größe")))
                .hasMessage("""
                        1 setting is wrong:
                          holdfast.app is not set and cannot be made of the context path "/größe": set it to 1 to 64 of the characters A-Z a-z 0-9 . _ # -.""");
        assertThat(HoldfastConfig.read(
                                sources(Map.of(), Map.of(), Map.of("holdfast.app", "size")), AppPlace.at("/größe"))
                        .app())
                .isEqualTo("size");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "**", "com.shop.Ca*", "com..shop", "com.shop.*.Cart", "!!com.shop.Cart", "com/shop"})
    void refusesWhatIsNoClassPattern(String pattern) {
        assertThatThrownBy(() -> read(Map.of(), Map.of(), Map.of("holdfast.classes.allow", "com.shop.Cart;" + pattern)))
                .hasMessageContaining("has \"" + pattern + "\", but each entry must be a class");
    }

    @ParameterizedTest
    @ValueSource(strings = {"JSESSIONID", "HFEPOCH", "HFEPOCH12ab", "a b", "a;b", ""})
    void refusesNamesThatCannotBeTheRouteCookies(String name) {
        assertThatThrownBy(() -> read(Map.of(), Map.of(), Map.of("holdfast.affinity.cookie", name)))
                .hasMessageContaining("holdfast.affinity.cookie is \"" + name + "\"");
    }

    @Test
    void conflictsAreRefusedAndRequestsRunInParallelUnlessToldOtherwise() {
        HoldfastConfig plain = read(Map.of(), Map.of(), Map.of());
        HoldfastConfig told =
                read(Map.of(), Map.of(), Map.of("holdfast.conflict", "overwrite", "holdfast.parallel", "off"));

        assertThat(plain.conflict()).isEqualTo(SessionOptions.Conflict.REFUSE);
        assertThat(plain.parallel()).isTrue();
        assertThat(told.conflict()).isEqualTo(SessionOptions.Conflict.OVERWRITE);
        assertThat(told.parallel()).isFalse();
    }

    @Test
    void endsAreToldAtLeastOnceUnlessToldOtherwise() {
        HoldfastConfig plain = read(Map.of(), Map.of(), Map.of());
        HoldfastConfig told = read(Map.of(), Map.of(), Map.of("holdfast.expiry", "at-most-once"));

        assertThat(plain.expiry()).isEqualTo(SessionOptions.Expiry.AT_LEAST_ONCE);
        assertThat(told.expiry()).isEqualTo(SessionOptions.Expiry.AT_MOST_ONCE);
    }

    @Test
    void describesWhatIsInForceWithoutSecrets() {
        HoldfastConfig config = read(
                Map.of("holdfast.node", "n1"),
                Map.of("HOLDFAST_REDIS", "redis://app:secret@cache:6379"),
                Map.of("holdfast.classes", "learn"));

        assertThat(config.describe())
                .containsExactly(
                        "holdfast.node = n1 (system property)",
                        "holdfast.redis = redis://app:***@cache:6379 (environment HOLDFAST_REDIS)",
                        "holdfast.classes = learn (web.xml of /shop)",
                        "holdfast.app = shop (default: from the context path)");
        assertThat(config.toString()).doesNotContain("secret");
    }

    /** A wrong address is the most likely mistake, so nobody is left to guess which one is in use. */
    @Test
    void describesTheAddressOfRedisAndWhatDependsOnOtherSettings() {
        assertThat(read(Map.of(), Map.of(), Map.of("holdfast.affinity", "none")).describe())
                .containsExactly(
                        "holdfast.affinity = none (web.xml of /shop)",
                        "holdfast.redis = redis://127.0.0.1:6379 (default)",
                        "holdfast.app = shop (default: from the context path)",
                        "holdfast.unstorable = refuse (default with holdfast.affinity = none)");
    }

    @Test
    void certificatesOfAnAuthorityNeedAnAddressWithTls() {
        String ca = new TestAuthority("ours").certificate(directory).toString();

        HoldfastConfig config =
                read(Map.of("holdfast.redis.ca", ca, "holdfast.redis", "rediss://cache:6380"), Map.of(), Map.of());
        assertThat(config.redisCa()).hasSize(1);
        assertThat(read(
                                Map.of("holdfast.redis.ca", ca, "holdfast.redis", "rediss-cluster://one:6380"),
                                Map.of(),
                                Map.of())
                        .redisCa())
                .hasSize(1);

        assertThatThrownBy(() -> read(Map.of("holdfast.redis.ca", ca), Map.of(), Map.of()))
                .hasMessage("""
                        1 setting is wrong:
                          holdfast.redis.ca is set, but holdfast.redis is without TLS: begin holdfast.redis with rediss in place of redis, or take holdfast.redis.ca away.""");
    }

    @ParameterizedTest
    @CsvSource({"cookie, LOCAL", "suffix, LOCAL", "none, REFUSE"})
    void whatCannotBeStoredStaysOnItsNodeUnlessEachRequestMayComeToAnyNode(
            String affinity, SessionOptions.Unstorable expected) {
        assertThat(read(Map.of(), Map.of(), Map.of("holdfast.affinity", affinity))
                        .unstorable())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cookie", "none"})
    void reportKeepsOnItsNodeWhatCannotBeStoredAndSaysSoIfThatIsNotWhatWasAskedFor(String affinity) {
        Map<String, String> report = Map.of("holdfast.classes", "report", "holdfast.affinity", affinity);
        HoldfastConfig plain = read(Map.of(), Map.of(), report);
        HoldfastConfig refusing = read(Map.of("holdfast.unstorable", "refuse"), Map.of(), report);

        assertThat(plain.unstorable()).isEqualTo(SessionOptions.Unstorable.LOCAL);
        assertThat(plain.warnings()).isEmpty();
        assertThat(plain.describe()).contains("holdfast.unstorable = local (default with holdfast.classes = report)");
        assertThat(refusing.unstorable()).isEqualTo(SessionOptions.Unstorable.LOCAL);
        assertThat(refusing.warnings())
                .containsExactly("HF-130: holdfast.unstorable is \"refuse\" (from system property), which has no effect"
                        + " with holdfast.classes = report: what cannot be stored stays on its node and is named. Take one"
                        + " of the two away.");
    }

    @ParameterizedTest
    @CsvSource({"local, LOCAL", "refuse, REFUSE"})
    void whatBecomesOfItCanBeChosen(String text, SessionOptions.Unstorable expected) {
        HoldfastConfig config =
                read(Map.of(), Map.of(), Map.of("holdfast.affinity", "none", "holdfast.unstorable", text));

        assertThat(config.unstorable()).isEqualTo(expected);
        assertThat(config.describe()).contains("holdfast.unstorable = " + text + " (web.xml of /shop)");
    }

    @ParameterizedTest
    @CsvSource({"cache, true", "caches, false", "cart.rows, true", "cart., true", "cart, false", "'', false"})
    void attributesThatStayOnTheirNodeAreNamedWholeOrByTheirBeginning(String attribute, boolean local) {
        HoldfastConfig config = read(Map.of(), Map.of(), Map.of("holdfast.attributes.local", "cache; cart.*"));

        assertThat(config.isLocalAttribute(attribute)).isEqualTo(local);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "*.cache", "a*b", "cache, *"})
    void otherPatternsOfAttributesAreRefused(String text) {
        assertThatThrownBy(() -> read(Map.of(), Map.of(), Map.of("holdfast.attributes.local", text)))
                .isInstanceOf(HoldfastConfigException.class)
                .hasMessageContaining("but each entry must be the name of an attribute (cart.cache), or its beginning"
                        + " with * at the end (cart.*)");
    }

    @Test
    void servingInAnOutageNeedsCopiesThatAreTrusted() {
        Map<String, String> roaming = Map.of("holdfast.affinity", "none", "holdfast.outage", "serve");

        assertThat(read(Map.of(), Map.of(), roaming).warnings())
                .containsExactly(
                        "HF-130: holdfast.outage is \"serve\" (from web.xml of /shop), which has no effect with"
                                + " holdfast.affinity = none: each request asks Redis, so nothing is served from memory while it is"
                                + " away, and what needs a session is answered 503. Take it away; or let the balancer follow the"
                                + " route cookie, and set holdfast.affinity to cookie.");
        assertThat(read(Map.of("holdfast.outage", "refuse"), Map.of(), roaming).warnings())
                .isEmpty();
        assertThat(read(Map.of("holdfast.affinity", "suffix"), Map.of(), roaming)
                        .warnings())
                .isEmpty();
        assertThat(read(Map.of("holdfast.affinity", "none"), Map.of(), Map.of()).warnings())
                .as("nobody asked for the default")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "suffix"})
    void routeCookieThatIsDescribedHasToBeSet(String affinity) {
        Map<String, String> cookie = Map.of("holdfast.affinity.cookie", "ROUTE", "holdfast.affinity.prefix", ".");

        assertThat(read(Map.of("holdfast.affinity", affinity), Map.of(), cookie).warnings())
                .containsExactly(
                        "HF-130: holdfast.affinity.cookie is \"ROUTE\" (from web.xml of /shop), which has no effect with"
                                + " holdfast.affinity = " + affinity
                                + ": no route cookie is set. Take it away; or, if the"
                                + " balancer follows that cookie, set holdfast.affinity to cookie.",
                        "HF-130: holdfast.affinity.prefix is \".\" (from web.xml of /shop), which has no effect with"
                                + " holdfast.affinity = " + affinity
                                + ": no route cookie is set. Take it away; or, if the"
                                + " balancer follows that cookie, set holdfast.affinity to cookie.");
        assertThat(read(Map.of(), Map.of(), cookie).warnings()).isEmpty();
    }

    @Test
    void directoryForWhatIsFoundHasToBeThereAndIsOfUseWhileLearningOnly() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        for (String wrong : List.of(directory.resolve("missing").toString(), file.toString(), "", "\0")) {
            assertThatThrownBy(() -> read(Map.of("holdfast.classes.directory", wrong), Map.of(), Map.of()))
                    .isInstanceOf(HoldfastConfigException.class)
                    .hasMessageContaining(
                            "must be a directory that is there and can be written to; a relative name" + " begins at ");
        }
        Map<String, String> there = Map.of("holdfast.classes.directory", directory.toString());
        HoldfastConfig learning = read(there, Map.of(), Map.of("holdfast.classes", "learn"));
        assertThat(learning.classesDirectory()).isEqualTo(directory);
        assertThat(learning.warnings()).isEmpty();
        assertThat(read(there, Map.of(), Map.of()).warnings())
                .containsExactly("HF-130: holdfast.classes.directory is \"" + directory
                        + "\" (from system property), which has no effect with holdfast.classes = app: nothing is"
                        + " written. Take it away, or set holdfast.classes to learn or report on a test system.");
    }

    @Test
    void healthPathIsOneThatNobodyOnTheWayRewrites() {
        assertThat(read(Map.of(), Map.of(), Map.of()).pages()).isEqualTo(NodePages.NONE);
        for (String right : List.of("/health", "/holdfast/health", "/.well-known/health.txt", "/a_b~c-d/e")) {
            assertThat(read(Map.of("holdfast.health.path", right), Map.of(), Map.of())
                            .pages()
                            .health())
                    .isEqualTo(right);
            assertThat(read(Map.of("holdfast.metrics.path", right), Map.of(), Map.of())
                            .pages()
                            .metrics())
                    .isEqualTo(right);
        }
        for (String wrong : List.of(
                "",
                "/",
                "health",
                "/health/",
                "//health",
                "/a/../health",
                "/./health",
                "/..",
                "/he alth",
                "/health?a",
                "/health;a",
                "/%68ealth",
                "/" + "h".repeat(65),
                "/h".repeat(9))) {
            assertThatThrownBy(() -> read(Map.of("holdfast.health.path", wrong), Map.of(), Map.of()))
                    .isInstanceOf(HoldfastConfigException.class)
                    .hasMessageContaining(
                            "must be a path like /holdfast/health: each part begins with / and has 1 to 64"
                                    + " of the characters A-Z a-z 0-9 . _ ~ -, at most 8 parts");
        }
    }

    @Test
    void healthAndMetricsAreTwoPages() {
        assertThatThrownBy(() -> read(
                        Map.of("holdfast.health.path", "/holdfast", "holdfast.metrics.path", "/holdfast"),
                        Map.of(),
                        Map.of()))
                .isInstanceOf(HoldfastConfigException.class)
                .hasMessageContaining("holdfast.metrics.path and holdfast.health.path are both /holdfast: set one of"
                        + " them to another path.");
    }

    @Test
    void fileForDrainingIsInADirectoryThatIsThereAndIsOfUseIfABalancerHearsOfIt() {
        Path file = directory.resolve("drain");
        for (String wrong : List.of(directory.resolve("missing/drain").toString(), directory.toString(), "", "\0")) {
            assertThatThrownBy(() -> read(Map.of("holdfast.drain.file", wrong), Map.of(), Map.of()))
                    .isInstanceOf(HoldfastConfigException.class)
                    .hasMessageContaining(
                            "must be the name of a file in a directory that is there; a relative name begins at ");
        }
        Map<String, String> there = Map.of("holdfast.drain.file", file.toString());
        HoldfastConfig config = read(there, Map.of(), Map.of("holdfast.health.path", "/health"));
        assertThat(config.drainFile()).isEqualTo(file);
        assertThat(config.warnings()).isEmpty();
        assertThat(read(there, Map.of(), Map.of()).warnings()).isEmpty(); // browsers can be moved
        assertThat(read(there, Map.of(), Map.of("holdfast.affinity", "none")).warnings())
                .containsExactly("HF-130: holdfast.drain.file is \"" + file + "\" (from system property), which has no"
                        + " effect without holdfast.health.path and with holdfast.affinity = none: no balancer hears of"
                        + " it. Set holdfast.health.path, too.");
    }

    @Test
    void limitOfAnOrderlyStopIsATimeAndOfUseIfABalancerHearsOfIt() {
        assertThat(read(Map.of(), Map.of(), Map.of()).drainLimit()).isZero();
        Map<String, String> minute = Map.of("holdfast.drain.limit", "1m");
        HoldfastConfig config = read(minute, Map.of(), Map.of());
        assertThat(config.drainLimit()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.warnings()).isEmpty();
        assertThat(read(minute, Map.of(), Map.of("holdfast.affinity", "none")).warnings())
                .singleElement()
                .asString()
                .startsWith("HF-130: holdfast.drain.limit is \"1m\"");
        for (String wrong : List.of("30", "11m", "forever")) {
            assertThatThrownBy(() -> read(Map.of("holdfast.drain.limit", wrong), Map.of(), Map.of()))
                    .isInstanceOf(HoldfastConfigException.class)
                    .hasMessageContaining("holdfast.drain.limit is \"" + wrong + "\"");
        }
    }

    @Test
    void understandsTheExampleOfTheDocumentation() throws Exception {
        HoldfastConfig config = read(Map.of(), Map.of(), contextParamsOf("configuration.md"));

        assertThat(config.redis()).isEqualTo(URI.create("redis://holdfast:secret@redis.internal:6379/0"));
        assertThat(config.classesAllow()).containsExactly("com.shop.model.**", "org.joda.money.Money");
    }

    @Test
    void readsTheContextParamsOfAnApplication() {
        SettingsSource webXml = new SettingsSource("web.xml of /shop", Map.of("holdfast.app", "till", "other", "x"));

        assertThat(HoldfastConfig.read(webXml, AppPlace.at("/shop")).app()).isEqualTo("till");
    }

    private static Map<String, String> contextParamsOf(String doc) throws Exception {
        String text = Files.readString(Path.of(System.getProperty("basedir", "."), "..", "docs", doc));
        int begin = text.indexOf("```xml\n") + "```xml\n".length();
        String xml = "<web-app>" + text.substring(begin, text.indexOf("```", begin)) + "</web-app>";
        NodeList params = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)))
                .getElementsByTagName("context-param");
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < params.getLength(); i++) {
            Element param = (Element) params.item(i);
            values.put(
                    param.getElementsByTagName("param-name").item(0).getTextContent(),
                    param.getElementsByTagName("param-value").item(0).getTextContent());
        }
        return values;
    }

    @Test
    void applicationTakesPartIfItIsDistributableOrNamesHoldfast() {
        assertThat(HoldfastConfig.takesPart(true, List.of("other"))).isTrue();
        assertThat(HoldfastConfig.takesPart(false, List.of("other", "holdfast.app")))
                .isTrue();
        assertThat(HoldfastConfig.takesPart(false, List.of("other", "holdfastened", "my.holdfast.app")))
                .isFalse();
        assertThat(HoldfastConfig.isNamedIn(List.of())).isFalse();
    }

    @Test
    void applicationCannotNameItselfInApps() {
        assertThatThrownBy(() -> read(Map.of(), Map.of(), Map.of("holdfast.apps", "shop")))
                .isInstanceOf(HoldfastConfigException.class)
                .hasMessageContaining("holdfast.apps (from web.xml of /shop) is no setting of this version");
        assertThat(read(Map.of("holdfast.apps", "shop"), Map.of(), Map.of()).describe())
                .contains("holdfast.apps = shop (system property)");
    }

    private static HoldfastConfig readOfFramework(String name, Map<String, String> settings, AppPlace place) {
        return HoldfastConfig.read(
                new EmbeddedApplication(
                        "Spring's Environment",
                        settings,
                        Map.of(
                                "holdfast.timeout",
                                "application.yaml - 3:12",
                                "holdfast.redsi",
                                "application.yaml - 4:10"),
                        name,
                        "spring.application.name",
                        new ApplicationClasses() {
                            @Override
                            public boolean isApplicationClass(String className) {
                                return false;
                            }

                            @Override
                            public List<String> packages() {
                                return List.of();
                            }

                            @Override
                            public boolean isLibraryClass(String className) {
                                return false;
                            }
                        }),
                place);
    }

    @Test
    void whatAFrameworkHasReadIsRefusedWithItsPlaces() {
        assertThatThrownBy(() -> readOfFramework(
                        "shop",
                        Map.of("holdfast.timeout", "2m", "holdfast.redsi", "x", "holdfast.affinity", "sufix"),
                        AppPlace.at("")))
                .hasMessage("""
                        3 settings are wrong:
                          holdfast.timeout is "2m" (from application.yaml - 3:12): must be between 10ms and 5s.
                          holdfast.affinity is "sufix" (from Spring's Environment): must be cookie, suffix or none.
                          holdfast.redsi (from application.yaml - 4:10) is no setting of this version: the nearest name is holdfast.redis.""");
    }

    @ParameterizedTest
    @CsvSource({"shop, shop", "shop-1.2, shop-1.2", "My Shop, My_Shop-b14e7670", ", ROOT"})
    void applicationThatCallsItselfSomethingIsKnownByThat(String name, String app) {
        assertThat(readOfFramework(name, Map.of(), AppPlace.at("")).app()).isEqualTo(app);
    }

    @Test
    void settingCountsBeforeWhatTheApplicationCallsItself() {
        HoldfastConfig config = readOfFramework("shop", Map.of("holdfast.app", "till"), AppPlace.at(""));

        assertThat(config.app()).isEqualTo("till");
        assertThat(config.identity().chosen()).isTrue();
    }

    @Test
    void twoApplicationsOfOneNameAtTwoPlacesAreTold() {
        HoldfastConfig here = readOfFramework("shop", Map.of(), AppPlace.at("/a"));
        HoldfastConfig there = readOfFramework("shop", Map.of(), AppPlace.at("/b"));

        assertThat(here.app()).isEqualTo(there.app());
        assertThat(here.identity().isOtherThan(there.identity())).isTrue();
        assertThat(here.identity().isOtherThan(here.identity())).isFalse();
    }

    private static HoldfastConfig read(
            Map<String, String> properties, Map<String, String> environment, Map<String, String> params) {
        return HoldfastConfig.read(sources(properties, environment, params), AppPlace.at("/shop"));
    }

    private static List<Source> sources(
            Map<String, String> properties, Map<String, String> environment, Map<String, String> params) {
        Properties system = new Properties();
        system.putAll(properties);
        return List.of(
                Source.systemProperties(system),
                Source.environment(environment),
                Source.contextParams("web.xml of /shop", params));
    }
}
