package dev.holdfast.codec.policy;

import java.util.Collection;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Where docs/frameworks.md says what is opened by allowing a framework's classes by name: those are left out of {@link
 * Presets} on purpose, and whoever gets a line to paste for one should know why.
 */
public final class FrameworkDocs {
    /** Headings, as links, by the package that they speak of. */
    private static final Map<String, String> SECTIONS = Map.of(
            "com.vaadin.", "vaadin-flow",
            "org.apache.wicket.", "wicket",
            "org.hibernate.proxy.", "hibernates-proxies",
            "org.springframework.webflow.", "spring-web-flow",
            "scala.", "scalas-collections");

    private FrameworkDocs() {}

    /**
     * What to read before these classes are allowed.
     *
     * @param classNames binary names
     * @return a sentence without a space behind it; empty if nothing is known of any of them
     */
    public static String caution(Collection<String> classNames) {
        TreeSet<String> sections = new TreeSet<>();
        SECTIONS.forEach((begin, section) -> {
            if (classNames.stream().anyMatch(name -> name.startsWith(begin))) {
                sections.add(section);
            }
        });
        return sections.isEmpty()
                ? ""
                : sections.stream()
                        .map(section -> "docs/frameworks.md#" + section)
                        .collect(Collectors.joining(" and ", "Before you allow it, read what that opens: ", "."));
    }
}
