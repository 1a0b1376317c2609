package dev.holdfast.testing;

import java.nio.file.Path;

/** The Tomcats that Holdfast is made for, as their project distributes them. */
public enum TomcatDistribution {
    TOMCAT_10_1("tomcat-10.1."),
    TOMCAT_11("tomcat-11.0.");

    private final String prefix;

    TomcatDistribution(String prefix) {
        this.prefix = prefix;
    }

    private Distribution distribution() {
        return new Distribution(prefix);
    }

    /** Name and version, as in {@code tomcat-10.1.59}. */
    public String title() {
        return distribution().title();
    }

    /** A JAR of its {@code lib}. */
    public Path library(String name) {
        return home().resolve("lib").resolve(name);
    }

    /** The distribution without its own applications. */
    Path home() {
        return distribution().unpacked("tomcat/" + title(), "", name -> name.startsWith("webapps/"));
    }

    /** One of the applications that come with it: {@code manager}. */
    public Path application(String name) {
        return distribution().unpacked("tomcat/" + title() + "-" + name, "webapps/" + name + "/", entry -> false);
    }
}
