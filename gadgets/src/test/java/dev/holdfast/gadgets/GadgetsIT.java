package dev.holdfast.gadgets;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.shop.Alarm;
import com.example.shop.ByText;
import com.example.shop.Page;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.JettyProcess;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The same on the whole way: an attribute in Redis is overwritten, and another node loads it into an application that
 * has the vulnerable libraries in WEB-INF/lib and allows all of them. A Tomcat and a Jetty read each other's sessions.
 */
class GadgetsIT {
    private static RedisProcess redis;
    private static ContainerProcess tomcat;
    private static ContainerProcess jetty;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start().unaudited();
        Path shop = ExplodedApplication.create("gadgets")
                .webXml("""
                        <context-param><param-name>holdfast.redis</param-name><param-value>%s</param-value></context-param>
                        <context-param><param-name>holdfast.classes</param-name><param-value>learn</param-value></context-param>
                        <context-param><param-name>holdfast.classes.allow</param-name><param-value>org.apache.**</param-value></context-param>
                        <distributable/>
                        <servlet><servlet-name>page</servlet-name><servlet-class>%s</servlet-class></servlet>
                        <servlet-mapping><servlet-name>page</servlet-name><url-pattern>/page</url-pattern></servlet-mapping>
                        """.formatted(redis.uri(), Page.class.getName()))
                .classes(Page.class, Alarm.class, ByText.class)
                .library(Application.jar("commons-collections-3"))
                .library(Application.jar("commons-collections4-"))
                .path();
        tomcat = TomcatProcess.node(TomcatDistribution.TOMCAT_10_1, "n1")
                .library(CommitWays.jarOf("tomcat-valve"))
                .application("shop", shop)
                .property("holdfast.node", "n1")
                .prepare();
        jetty = JettyProcess.node("n2")
                .application("shop", shop, "ee10")
                .property("holdfast.node", "n2")
                .prepare();
        tomcat.launch();
        jetty.launch();
        tomcat.awaitAnswer();
        jetty.awaitAnswer();
    }

    @AfterAll
    static void stop() {
        tomcat.close();
        jetty.close();
        redis.close();
    }

    @Test
    void attributeThatSomebodyOverwroteRunsNothingOnTomcat() throws Exception {
        runsNothing(jetty, tomcat);
    }

    @Test
    void attributeThatSomebodyOverwroteRunsNothingOnJetty() throws Exception {
        runsNothing(tomcat, jetty);
    }

    private static void runsNothing(ContainerProcess first, ContainerProcess second) throws Exception {
        byte[] byJdk;
        byte[] byKryo;
        try (Payload payload = LibraryPayloads.lazyMap()) {
            byJdk = payload.stream();
        }
        try (Payload payload = LibraryPayloads.invokerTransformer();
                Application application = payload.application()) {
            byKryo = Stored.trusting(application).encode("a", payload.make(application));
        }
        assertThat(plainly(second, byJdk)).as("in that very application").startsWith("alarm");

        Browser browser = new Browser();
        assertThat(browser.get(first, "/shop/page?begin=1").body()).isEqualTo("tea, cups, milk; silence");
        overwrite(browser.sessionId(), "first", Stored.byJdk(byJdk));
        overwrite(browser.sessionId(), "second", byKryo);

        assertThat(browser.get(second, "/shop/page").body()).isEqualTo("null, null, milk; silence");
        assertThat(second.log())
                .contains(
                        "HF-203",
                        "it needs class org.apache.commons.collections.keyvalue.TiedMapEntry, which the class policy"
                                + " does not allow",
                        "it needs class org.apache.commons.collections4.comparators.TransformingComparator, which the"
                                + " class policy does not allow");
    }

    /** What the payload does there without Holdfast. */
    private static String plainly(ContainerProcess node, byte[] stream) {
        Answer answer = new Browser()
                .request(node, "POST", "/shop/page")
                .form("object=" + Base64.getUrlEncoder().withoutPadding().encodeToString(stream))
                .send();
        return answer.body();
    }

    /** As docs/store-format.md has it: the version and the stamp that wrote it stay as they are. */
    private static void overwrite(String id, String attribute, byte[] value) {
        byte[] key = ("{hf:shop:" + id.substring(0, 2) + "}:s:" + id).getBytes(ISO_8859_1);
        byte[] field = ("a:" + attribute).getBytes(ISO_8859_1);
        redis.ask(jedis -> {
            String before = new String(jedis.hget(key, field), ISO_8859_1);
            byte[] head = before.substring(0, before.indexOf('|', before.indexOf('|') + 1) + 1)
                    .getBytes(ISO_8859_1);
            return jedis.hset(
                    key,
                    field,
                    ByteBuffer.allocate(head.length + value.length)
                            .put(head)
                            .put(value)
                            .array());
        });
    }
}
