package dev.holdfast.benchmark;

import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** What requests do. */
enum Cell {
    NO_SESSION("no session", List.of("/none")) {
        @Override
        boolean hasSession() {
            return false;
        }
    },
    UNTOUCHED("untouched session", List.of("/none")),
    READ("read three attributes", List.of("/read")),
    WRITE("write one attribute", List.of("/write")),
    CHANGE("change in place", List.of("/change")),
    MIXED(
            "90 % read, 10 % write",
            Stream.concat(Collections.nCopies(9, "/read").stream(), Stream.of("/write"))
                    .toList());

    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    private final List<String> pages;

    Cell(String title, List<String> pages) {
        this.title = title;
        this.pages = pages;
    }

    String title() {
        return title;
    }

    /** What is asked for, one after the other and again. */
    List<String> pages() {
        return pages;
    }

    /** Whether requests come with a session's cookies. */
    boolean hasSession() {
        return true;
    }
}
