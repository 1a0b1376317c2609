package dev.holdfast.testing.tell;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Names for what differs from run to run: session ids by the order of their appearance, points in time by the request
 * they fell into.
 */
final class SeenNames {
    /** Those of Holdfast, and those of Tomcat. */
    private static final Pattern ID = Pattern.compile("\\b(?:[0-9a-f]{34}|[0-9A-F]{32})\\b");

    private static final Pattern TIME = Pattern.compile("\\bt:(\\d{13})\\b");
    private static final Pattern NAME = Pattern.compile("<id(\\d+)>");

    private final List<String> ids = new ArrayList<>();
    private final List<Long> requests = new ArrayList<>();

    /** Begins a request in a millisecond of its own. */
    void nextRequest() {
        long before = System.currentTimeMillis();
        long now = before;
        while (now <= before + 1) {
            Thread.onSpinWait();
            now = System.currentTimeMillis();
        }
        requests.add(now);
    }

    /** A text with names in place of what they stand for. */
    String of(String text) {
        String named = replace(ID, text, id -> {
            if (!ids.contains(id.group())) {
                ids.add(id.group());
            }
            return "<id" + (ids.indexOf(id.group()) + 1) + ">";
        });
        return replace(TIME, named, time -> "in request " + requestAt(Long.parseLong(time.group(1))));
    }

    private long requestAt(long millis) {
        return requests.stream().filter(start -> start <= millis).count();
    }

    /** The other way round. */
    String resolve(String text) {
        return replace(NAME, text, name -> ids.get(Integer.parseInt(name.group(1)) - 1));
    }

    private static String replace(Pattern pattern, String text, Function<MatchResult, String> by) {
        return pattern.matcher(text).replaceAll(found -> by.apply(found));
    }
}
