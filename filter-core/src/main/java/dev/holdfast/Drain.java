package dev.holdfast;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.DrainWish.Mode;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.Shown;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether this server gives its browsers away, because an operator wants to stop it: by JMX, by the command line, or by
 * a file that is there. Its health tells the balancer, the registry tells the other nodes; requests are served as
 * before. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> What was asked for is followed as long as another node stays for each application: one
 * that leaves, or drains too, brings this one back. Nodes learn of each other within two seconds.
 */
final class Drain implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.holdfast.SharedServer");
    /** Beside the texts of orders, of which none is empty. */
    private static final String FILE = "";
    /** Of the file nothing but these words counts. */
    private static final int MOST_READ = 64;

    private final @Nullable String healthPath;
    private final @Nullable Path file;
    private final Others others;
    /** Of its own: a file system that stands still keeps nothing from being saved. */
    private final @Nullable ScheduledExecutorService looking;

    private volatile Mode mode = Mode.NO;

    /** By JMX. */
    @GuardedBy("this")
    private DrainWish ordered = DrainWish.NONE;

    @GuardedBy("this")
    private DrainWish byFile = DrainWish.NONE;

    @GuardedBy("this")
    private final DrainOrders byRegistry = new DrainOrders();

    /** Whether what is followed is so, whoever leaves. */
    private volatile boolean forced;

    /** What was said of a wish that was accepted and is not followed now; empty if nothing. */
    @GuardedBy("this")
    private String waits = "";

    /** What was said of the file, which is there and not accepted, and of an order; empty if nothing. */
    @GuardedBy("this")
    private final Map<String, String> refusals = new HashMap<>();

    /** Where browsers of this node may go. */
    interface Others {
        /** Whether nobody can tell who they are: an application has not met them yet, or Redis is away. */
        boolean areUnknown();

        /** Whether the balancer is told where browsers go. */
        boolean areRouted();

        /** Names of the applications for which no other node is known that serves, and stays. */
        List<String> missing();

        /** Names of the applications that this node has to serve on, once it drains. */
        List<String> gone();

        /** What the command line has left for this node in the registries of its applications. */
        List<NodeRegistry.Order> orders();
    }

    /**
     * @param healthPath where the balancer learns of it; null for nowhere
     * @param file null for none
     */
    Drain(@Nullable String healthPath, @Nullable Path file, Others others) {
        this.healthPath = healthPath;
        this.file = file;
        this.others = others;
        if (file == null) {
            this.looking = null;
            return;
        }
        this.looking = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "holdfast-drain");
            thread.setDaemon(true);
            thread.setContextClassLoader(Drain.class.getClassLoader());
            return thread;
        });
        // Nothing completes it but close(), which asks for no result.
        ScheduledFuture<?> unused =
                looking.scheduleWithFixedDelay(ServerResources.guarded(this::look), 1, 1, TimeUnit.SECONDS);
    }

    boolean isDraining() {
        return mode != Mode.NO;
    }

    /** Whether it drains also if no other node stays. */
    boolean isForced() {
        return forced;
    }

    boolean isMoving() {
        return mode == Mode.MOVE;
    }

    /** {@code no}, {@code soft} or {@code move}. */
    String mode() {
        return mode.text();
    }

    /**
     * Begins, or goes on in another way.
     *
     * @param how {@code soft} or {@code move}
     * @param force also if an application has no other node
     * @throws IllegalStateException saying why not, and what to do
     * @throws IllegalArgumentException for anything else
     */
    synchronized void begin(String how, boolean force) {
        DrainWish wish = DrainWish.of(how, force);
        if (wish == null) {
            throw new IllegalArgumentException("The mode must be soft or move.");
        }
        String why = whyNot(wish);
        if (why != null) {
            throw new IllegalStateException(why);
        }
        ordered = wish;
        follow();
        if (mode == Mode.NO) {
            ordered = DrainWish.NONE;
            throw new IllegalStateException(missing(others.gone()));
        }
        if (mode != wish.mode()) {
            throw new IllegalStateException("HF-142: This node drains by " + mode.text() + ", since " + origin());
        }
    }

    /**
     * Ends what JMX or the command line has begun; what that leaves next counts again.
     *
     * @throws IllegalStateException if the file is there
     */
    synchronized void end() {
        ordered = DrainWish.NONE;
        byRegistry.overrule();
        follow();
        if (byFile.mode() != Mode.NO) {
            throw new IllegalStateException("HF-142: This node still drains, since " + origin());
        }
    }

    /** Whether this node does what an order in the registry says. */
    synchronized boolean follows(String order) {
        return byRegistry.isFollowed(order) && mode != Mode.NO;
    }

    /** What else says so, and what to do about that. */
    @GuardedBy("this")
    private String origin() {
        return byFile.mode().compareTo(byRegistry.wish().mode()) >= 0
                ? file + " says so. Change or take away the file."
                : "the command line says so. Say otherwise there, or end it.";
    }

    /** Looks whether the file is there. What cannot be told changes nothing. */
    void look() {
        Path wanted = file;
        if (wanted == null) {
            return;
        }
        DrainWish wish = DrainWish.NONE;
        String unreadable = null;
        if (!Files.notExists(wanted)) {
            try {
                wish = read(wanted);
            } catch (IOException e) {
                unreadable = "HF-147: The file " + wanted + " cannot be read, so it changes nothing: "
                        + Shown.text(String.valueOf(e)) + ". Let the user of the server read it.";
            }
        }
        synchronized (this) {
            if (unreadable != null) {
                refuse(FILE, unreadable);
            } else if (mayFollow(FILE, wish, byFile, " The file " + wanted + " is looked at again each second.")) {
                byFile = wish;
                follow();
            }
        }
    }

    private static DrainWish read(Path file) throws IOException {
        try (var content = Files.newInputStream(file)) {
            return DrainWish.ofFile(new String(content.readNBytes(MOST_READ), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return DrainWish.NONE; // taken away just now
        }
    }

    /** Looks for an order of the command line, and whether another node stays. To be called once a second. */
    void review() {
        List<NodeRegistry.Order> orders = others.orders();
        synchronized (this) {
            Set<String> texts = byRegistry.take(orders);
            for (String text : texts) {
                DrainWish wish = DrainWish.ofOrder(text);
                if (byRegistry.isOpen(text) && mayFollow(text, wish, DrainWish.NONE, " It came by the command line.")) {
                    byRegistry.follow(text);
                }
            }
            texts.add(FILE);
            refusals.keySet().retainAll(texts);
            if (isDraining() || wish().mode() != Mode.NO) {
                follow();
            }
        }
    }

    /** Whether a wish is another one than before, and can be followed; says it once if it cannot. */
    @GuardedBy("this")
    private boolean mayFollow(String from, DrainWish wish, DrainWish before, String behind) {
        boolean same = wish.equals(before);
        String why = same || wish.mode() == Mode.NO ? null : whyNot(wish);
        if (why == null) {
            refusals.remove(from);
        } else {
            refuse(from, why + behind);
        }
        return !same && why == null;
    }

    @GuardedBy("this")
    private void refuse(String from, String why) {
        if (!why.equals(refusals.put(from, why))) {
            LOG.log(Level.WARNING, why);
        }
    }

    /** What all together want. */
    @GuardedBy("this")
    private DrainWish wish() {
        return ordered.or(byFile).or(byRegistry.wish());
    }

    private @Nullable String whyNot(DrainWish wish) {
        if (wish.mode() == Mode.SOFT && healthPath == null) {
            return "HF-140: This node does not drain: no balancer would hear of it. Set holdfast.health.path and let"
                    + " the balancer ask there, or let the node move its browsers (move).";
        }
        if (wish.mode() == Mode.MOVE && !others.areRouted()) {
            return "HF-146: This node cannot move its browsers: with holdfast.affinity = none no balancer is told where"
                    + " they go. Drain softly (soft), or take the node out of the balancer.";
        }
        if (wish.force() || isDraining()) {
            return null;
        }
        if (others.areUnknown()) {
            return "HF-148: This node does not drain yet: it does not know which other nodes there are, since Redis has"
                    + " not answered. Wait until it does, or drain by force (" + DrainWish.FORCE + ").";
        }
        List<String> applications = others.missing();
        return applications.isEmpty() ? null : missing(applications);
    }

    private static String missing(List<String> applications) {
        return "HF-141: This node does not drain: no other node is known that serves "
                + String.join(", ", applications)
                + " and stays, so its browsers could go nowhere. Start another one, or drain by force ("
                + DrainWish.FORCE + ").";
    }

    @GuardedBy("this")
    private void follow() {
        Mode wanted = wish().mode();
        forced = wish().force();
        List<String> gone = wanted == Mode.NO || forced ? List.of() : others.gone();
        Mode now = gone.isEmpty() ? wanted : Mode.NO;
        if (now != mode) {
            mode = now;
            LOG.log(Level.INFO, line(now));
        }
        String why = gone.isEmpty()
                ? ""
                : "HF-141: This node does not drain, as it was told to: no other node is known that serves "
                        + String.join(", ", gone) + " and stays. It drains when there is one.";
        if (!why.isEmpty() && !why.equals(waits)) {
            LOG.log(Level.WARNING, why);
        }
        waits = why;
    }

    private String line(Mode now) {
        String health = healthPath == null ? "" : healthPath + " answers 404, so that the balancer sends no new ones; ";
        return switch (now) {
            case NO -> "HF-143: This node drains no more.";
            case SOFT ->
                "HF-142: This node drains, and serves the browsers that it has: " + health + "nothing else changes.";
            case MOVE ->
                "HF-142: This node drains, and sends the browsers that it has to other nodes that stay, each with its"
                        + " next answer: " + health + "all requests that come are served.";
        };
    }

    @Override
    public void close() {
        if (looking != null) {
            looking.shutdownNow();
        }
    }
}
