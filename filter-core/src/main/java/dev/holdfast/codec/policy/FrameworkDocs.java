package dev.holdfast.codec.policy;

import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Where docs/frameworks.md says what allowing a framework's classes by name opens up: those are left out of {@link
 * Presets} on purpose, and whoever gets a line to paste for one should know why.
 */
public final class FrameworkDocs {
    /** Headings, as links, by how the names of the classes begin that they speak of. */
    private static final Map<String, String> SECTIONS = Map.ofEntries(
            Map.entry("com.fasterxml.jackson.databind.node.NodeSerialization", "vaadin-flow"),
            Map.entry("com.google.common.collect.HashBiMap", "left-out"),
            Map.entry("com.sun.faces.", "mojarra-with-weld"),
            Map.entry("com.vaadin.", "vaadin-flow"),
            Map.entry("elemental.json.impl.", "vaadin-flow"),
            Map.entry("jakarta.el.", "mojarra-with-weld"),
            Map.entry("jakarta.enterprise.context.SessionScoped", "myfaces-with-openwebbeans"),
            Map.entry("jakarta.faces.", "mojarra-with-weld"),
            Map.entry("kotlin.collections.builders.", "left-out"),
            Map.entry("org.apache.el.", "mojarra-with-weld"),
            Map.entry("org.apache.myfaces.", "myfaces-with-openwebbeans"),
            Map.entry("org.apache.webbeans.", "myfaces-with-openwebbeans"),
            Map.entry("org.apache.wicket.", "wicket"),
            Map.entry("org.hibernate.proxy.", "hibernates-proxies"),
            Map.entry("org.jboss.weld.", "mojarra-with-weld"),
            Map.entry("org.joda.time.", "left-out"),
            Map.entry("org.primefaces.", "primefaces"),
            Map.entry("org.springframework.webflow.", "spring-web-flow"),
            Map.entry("scala.", "scalas-collections"),
            Map.entry("scala.math.BigDecimal", "left-out"));

    private FrameworkDocs() {}

    /**
     * What to read before these classes are allowed.
     *
     * @param classNames binary names
     * @return a sentence without a space behind it; empty if nothing is known of any of them
     */
    public static String caution(Collection<String> classNames) {
        TreeSet<String> links = new TreeSet<>();
        for (String name : classNames) {
            section(name).ifPresent(section -> links.add("docs/frameworks.md#" + section));
        }
        return links.isEmpty()
                ? ""
                : "Before you allow " + (classNames.size() == 1 ? "it" : "these") + ", read what that opens up: "
                        + String.join(", ", links) + ".";
    }

    private static Optional<String> section(String className) {
        return SECTIONS.keySet().stream()
                .filter(className::startsWith)
                .max(Comparator.comparingInt(String::length))
                .map(SECTIONS::get);
    }
}
