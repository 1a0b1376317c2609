package dev.holdfast.examples.failover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Chromium;
import dev.holdfast.testing.RealParts;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person with a browser: log in, fill the cart, kill the node that holds it by the button, go on. */
class FailoverPageIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Pattern ADDRESS = Pattern.compile("Open +(http://\\S+)");

    @TempDir
    private Path folder;

    private Path log;
    private Process run;
    private Chromium browser;

    @BeforeEach
    void openThePageThatRunPrints() throws Exception {
        Path chromium = RealParts.require("chromium", "chromium");
        log = folder.resolve("run.log");
        run = Run.start(log, "--manager=" + System.getProperty("page.manager", "holdfast"));
        Awaitility.await("run prints an address")
                .atMost(LIMIT)
                .until(() -> !run.isAlive() || ADDRESS.matcher(Run.read(log)).find());
        Matcher address = ADDRESS.matcher(Run.read(log));
        assertThat(address.find()).as(Run.read(log)).isTrue();
        browser = Chromium.start(chromium, folder);
        browser.open(URI.create(address.group(1)));
    }

    @AfterEach
    void stopEverything() throws InterruptedException {
        if (browser != null) {
            browser.close();
        }
        if (run != null) {
            run.destroy();
            assertThat(run.waitFor(30, TimeUnit.SECONDS)).as("run has ended").isTrue();
        }
    }

    @Test
    void cartLoginAndSessionOutliveTheNodeThatIsKilledByTheButton() throws Exception {
        browser.click("#login button");
        awaitText("#user", "ada");
        for (String item : new String[] {"Rope", "Anchor", "Lantern"}) {
            browser.evaluate("document.querySelector('#add input').value = '" + item + "'");
            browser.click("#add button");
            Awaitility.await(item + " is in the cart").atMost(LIMIT).until(() -> cart().contains(item));
        }
        Awaitility.await("the field is empty again")
                .atMost(LIMIT)
                .until(() -> browser.evaluate("document.querySelector('#add input').value")
                        .isEmpty());
        String session = browser.text("#session");
        String owner = answeredBy();
        assertThat(browser.text("#container")).isEqualTo(container(owner));
        screenshot("before-kill");

        browser.click("#node-" + owner + " .kill");
        awaitText("#node-" + owner + " .state", "dead");
        Awaitility.await("another node answers")
                .atMost(LIMIT)
                .until(() -> !answeredBy().isEmpty() && !answeredBy().equals(owner));
        String other = answeredBy();
        assertThat(browser.text("#container")).isEqualTo(container(other));
        awaitText("#node-" + other + " .badge", "answers you");
        screenshot("after-kill");
        browser.evaluate("location.reload()");
        Awaitility.await("the page is there again")
                .atMost(LIMIT)
                .until(() -> browser.evaluate("document.readyState").equals("complete")
                        && !answeredBy().isEmpty());

        assertThat(answeredBy()).isEqualTo(other);
        assertThat(browser.text("#user")).isEqualTo("ada");
        assertThat(browser.text("#session")).isEqualTo(session);
        assertThat(cart()).isEqualTo("Rope,Anchor,Lantern");

        browser.click("#node-" + owner + " .start");
        awaitText("#node-" + owner + " .state", "alive");
        browser.click("#items li:first-child button");
        Awaitility.await("the rope is gone").atMost(LIMIT).until(() -> cart().equals("Anchor,Lantern"));
    }

    private String answeredBy() {
        return browser.evaluate("(/by (n[123])/.exec(document.querySelector('#answered').innerText) || ['', ''])[1]");
    }

    /** As the container itself says, from what the node's card says. */
    private String container(String node) {
        String card = browser.text("#node-" + node + " .server").replaceFirst(",.*", "");
        return card.replace("Tomcat ", "Apache Tomcat/").replace("Jetty ", "jetty/");
    }

    private String cart() {
        return browser.evaluate("[...document.querySelectorAll('#items li')].map(e => e.dataset.item).join()");
    }

    private void awaitText(String selector, String text) {
        Awaitility.await(selector + " says " + text)
                .atMost(LIMIT)
                .until(() -> browser.text(selector).equals(text));
    }

    private void screenshot(String name) throws IOException {
        Path pictures = Path.of(System.getProperty("basedir", "."), "target", "screenshots");
        Files.createDirectories(pictures);
        browser.screenshot(pictures.resolve("failover-" + name + ".png"));
    }
}
