package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.JettyProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Jetty 12.1 also has environments for applications of Servlet 4 and 5, whose sessions Holdfast does not know. */
class OldEnvironmentsIT {
    @Test
    void applicationsOfEe8AndEe9StartAndTheLogSaysThatTheyAreLeftAlone() {
        Path page = ExplodedApplication.create("old")
                .webXml("<distributable/>")
                .file("index.html", "a page")
                .path();
        try (JettyProcess jetty = JettyProcess.node("n1")
                .application("old", page, "ee9")
                .application("older", page, "ee8")
                .module("ee9-deploy")
                .module("ee8-deploy")
                .property("holdfast.apps", "old")
                .start()) {
            assertThat(new Browser().get(jetty, "/old/index.html").body()).isEqualTo("a page");
            assertThat(new Browser().get(jetty, "/older/index.html").body()).isEqualTo("a page");
            assertThat(jetty.log())
                    .contains("keeps the sessions of no application; it leaves alone /old, /older (no application with"
                            + " servlets of ee10 or ee11)")
                    .doesNotContain("Not here", "Exception", "NoClassDefFoundError");
        }
    }
}
