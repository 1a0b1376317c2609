package dev.holdfast;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.config.Settings;
import dev.holdfast.config.SettingsReader;
import dev.holdfast.config.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Which applications of one server take part, and why the others do not: one line of the log when all have started, and
 * one for each that comes later and does not. Also those that {@code holdfast.apps} names, without a word in their own
 * files.
 *
 * <p>Knows names only, so that it may outlive its applications. Safe for use by many threads.
 */
public final class Participants {
    /** Why most applications do not take part. */
    public static final String NOTHING_SAYS_SO =
            "no <distributable/> and no holdfast.* context-param in web.xml, and not in holdfast.apps";

    private final List<String> named;
    private final List<String> mistakes;

    @GuardedBy("this")
    private final Set<String> absent; // of the named ones

    @GuardedBy("this")
    private final Set<String> taking = new TreeSet<>();

    @GuardedBy("this")
    private final Map<String, Set<String>> others = new TreeMap<>(); // by reason

    @GuardedBy("this")
    private boolean told;

    private Participants(List<String> named, List<String> mistakes) {
        this.named = List.copyOf(named);
        this.mistakes = List.copyOf(mistakes);
        this.absent = new TreeSet<>(named);
    }

    /** With {@code holdfast.apps} as system property or environment have it. */
    public static Participants read() {
        return read(List.of(Source.systemProperties(), Source.environment()));
    }

    static Participants read(List<Source> sources) {
        SettingsReader settings = SettingsReader.read(List.of(Settings.APPS), sources);
        List<String> apps = settings.find(Settings.APPS);
        return new Participants(
                apps == null ? List.of() : apps,
                settings.mistakes().stream()
                        .filter(mistake -> mistake.startsWith(Settings.APPS + " is "))
                        .toList());
    }

    /** Whether {@code holdfast.apps} names an application; without its {@code ##version} it names all versions. */
    public synchronized boolean isNamed(AppPlace place) {
        String name = place.defaultName();
        if (name == null) {
            return false;
        }
        String bare = name.replaceFirst("##.*", "");
        absent.remove(name);
        absent.remove(bare);
        return named.contains(name) || named.contains(bare);
    }

    /** @param application as messages name it */
    public synchronized void takesPart(String application) {
        taking.add(application);
    }

    /**
     * @param application as messages name it
     * @param info takes a line of the log if the server's line has been told already
     */
    public synchronized void staysOut(String application, String why, Consumer<String> info) {
        if (told) {
            info.accept("Holdfast leaves " + application + " alone: " + why);
        } else {
            others.computeIfAbsent(why, reason -> new TreeSet<>()).add(application);
        }
    }

    /** Called once, when all applications have started that start with the server. */
    public synchronized void tell(Consumer<String> info, Consumer<String> warn) {
        mistakes.forEach(mistake -> warn.accept("HF-137: No application takes part by holdfast.apps: " + mistake));
        if (!taking.isEmpty() || !others.isEmpty()) {
            info.accept(line());
        }
        told = true;
        others.clear();
    }

    @GuardedBy("this")
    private String line() {
        StringBuilder line = new StringBuilder("Holdfast ")
                .append(Holdfast.version())
                .append(" keeps the sessions of ")
                .append(taking.isEmpty() ? "no application" : String.join(", ", taking));
        if (!others.isEmpty()) {
            List<String> groups = new ArrayList<>();
            others.forEach((why, applications) -> groups.add(String.join(", ", applications) + " (" + why + ")"));
            line.append("; it leaves alone ").append(String.join("; ", groups));
        }
        line.append('.');
        if (!absent.isEmpty()) {
            line.append(" Not here, though holdfast.apps names it: ")
                    .append(String.join(", ", absent))
                    .append('.');
        }
        if (taking.isEmpty()) {
            line.append(" To take part: <distributable/> in web.xml, or for /shop -Dholdfast.apps=shop or"
                    + " HOLDFAST_APPS=shop.");
        }
        return line.toString();
    }
}
