package dev.holdfast;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.codec.policy.FrameworkDocs;
import dev.holdfast.config.Names;
import dev.holdfast.session.Shown;
import dev.holdfast.session.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What {@code holdfast.classes=learn} or {@code report} has found in the sessions of one application: the classes, as
 * one block to paste, and what would not be the same on another node. For JMX, for a file where one is wanted; the
 * block also for the log when nothing new was found for a while. Safe for use by many threads.
 */
final class ClassFindings implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Holdfast.class.getName());

    /** As long as somebody clicks, the block grows: it is logged when it is likely to be whole. */
    static final long QUIET = TimeUnit.SECONDS.toNanos(10);

    /** Attributes may have any names. */
    static final int MOST_FLAWS = 1000;

    private final String app;
    private final String mode;
    private final List<String> allowed;
    private final @Nullable Path file;
    private final UnaryOperator<String> form;
    private final Ticker ticker;

    /** Of the file, so that what is written last is the newest. */
    private final ReentrantLock writing = new ReentrantLock();

    @GuardedBy("this")
    private final SortedSet<String> classes = new TreeSet<>();

    @GuardedBy("this")
    private final Set<String> flaws = new LinkedHashSet<>();

    /** How often something new was found. */
    @GuardedBy("this")
    private int news;

    @GuardedBy("this")
    private long lastFound;

    @GuardedBy("this")
    private int logged;

    /** Of {@link #news}; less than none: the file of an earlier start is still there. */
    @GuardedBy("this")
    private int written = -1;

    private ClassFindings(
            String app,
            String mode,
            List<String> allowed,
            @Nullable Path file,
            UnaryOperator<String> form,
            Ticker ticker) {
        this.app = app;
        this.mode = mode;
        this.allowed = allowed;
        this.file = file;
        this.form = form;
        this.ticker = ticker;
    }

    /**
     * @param route the node's name
     * @param form {@code holdfast.classes.allow} as the application's own files have it
     */
    static ClassFindings of(HoldfastConfig config, String route, UnaryOperator<String> form, Ticker ticker) {
        Path directory = config.classesDirectory();
        return new ClassFindings(
                config.app(),
                config.classes().text(),
                config.classesAllow(),
                directory == null
                        ? null
                        : directory.toAbsolutePath().resolve("holdfast-classes-" + config.app() + "-" + route + ".txt"),
                form,
                ticker);
    }

    /** A session needs a class that is not allowed by itself. */
    synchronized void add(String className) {
        if (Names.isClassPattern(className) && classes.add(className)) {
            lastFound = ticker.nanos();
            news++;
        }
    }

    /** A request has stored, or kept here, what would not be the same on another node. */
    synchronized void addFlaws(List<String> found) {
        for (String flaw : found) {
            if (flaws.size() < MOST_FLAWS && flaws.add(flaw)) {
                news++;
            }
        }
    }

    /** Whether {@link #tell} has anything to do. */
    synchronized boolean isDue() {
        return (file != null && written != news) || (logged < classes.size() && isQuiet());
    }

    @GuardedBy("this")
    private boolean isQuiet() {
        return ticker.nanos() - lastFound >= QUIET;
    }

    /** Writes the file if there is something new, and logs what there is if nothing new was found for a while. */
    void tell() {
        tell(false);
    }

    private void tell(boolean last) {
        write();
        String line;
        synchronized (this) {
            if (logged == classes.size() || !(last || isQuiet())) {
                return;
            }
            logged = classes.size();
            String caution = FrameworkDocs.caution(classes);
            line = "HF-308: " + found() + " in " + app + ". " + (caution.isEmpty() ? "" : caution + " ")
                    + "To allow all of it: " + form.apply(allowed(","))
                    + (file == null ? "" : " (also in " + file + ")");
        }
        LOG.log(System.Logger.Level.INFO, line);
    }

    private void write() {
        if (file == null) {
            return;
        }
        if (!writing.tryLock()) {
            return; // by whoever waits for the file system, and never ends, it may be
        }
        try {
            String text;
            synchronized (this) {
                if (written == news) {
                    return;
                }
                written = news; // also if it fails: it would each second
                text = text();
            }
            replace(file, text);
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The file of holdfast.classes.directory cannot be written: " + Shown.text(String.valueOf(e))
                            + ". What was found is in the log and in JMX.");
        } finally {
            writing.unlock();
        }
    }

    /** A link to another file is not followed: the directory may be one that others write to. */
    private static void replace(Path file, String text) throws IOException {
        if (text.isEmpty()) {
            Files.deleteIfExists(file);
            return;
        }
        Files.writeString(
                file,
                text,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
    }

    /** All that was found so far, with the block to paste; empty if nothing was. */
    synchronized String text() {
        StringBuilder text = new StringBuilder();
        if (!classes.isEmpty()) {
            text.append(block());
        }
        if (!flaws.isEmpty()) {
            text.append(text.length() == 0 ? "" : "\n")
                    .append("What would not be the same on another node, in the order in which it was found:\n");
            flaws.forEach(flaw -> text.append(flaw).append('\n'));
        }
        return text.toString();
    }

    @GuardedBy("this")
    private String found() {
        return "holdfast.classes=" + mode + " has found "
                + (classes.size() == 1 ? "1 class" : classes.size() + " classes")
                + " that holdfast.classes=app does not store";
    }

    @GuardedBy("this")
    private String allowed(String separator) {
        List<String> all = new ArrayList<>(allowed);
        all.addAll(classes);
        return String.join(separator, all);
    }

    /** One class a line where that may be: a file of properties would take the second line for another setting. */
    @GuardedBy("this")
    private String block() {
        String whole = form.apply(allowed(","));
        String caution = FrameworkDocs.caution(classes);
        String comment = found() + ".\n" + (caution.isEmpty() ? "" : caution + "\n") + "All of holdfast.classes.allow:";
        return whole.startsWith("<")
                ? "<!-- " + comment.replace("\n", "\n     ") + " -->\n" + form.apply(allowed(",\n  ")) + "\n"
                : "# " + comment.replace("\n", "\n# ") + "\n" + whole + "\n";
    }

    /** The application stops: what was not told yet is told now. */
    @Override
    public void close() {
        tell(true);
    }
}
