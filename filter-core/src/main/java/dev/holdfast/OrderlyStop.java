package dev.holdfast;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.Shown;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.request.SessionCoordinator;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets a server that is to stop serve until its browsers have gone to other nodes, for a while: it drains, and waits.
 * Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> The container's own stop runs it, which a signal to the process brings about, too.
 * What is served meanwhile is served as at any time, so an end that comes too early costs no change, only a request
 * that the balancer repeats on another node.
 */
final class OrderlyStop implements AutoCloseable {
    /** Whoever clicks on does so more often; and the balancer has asked for the health of the node by then. */
    private static final Duration QUIET = Duration.ofSeconds(2);

    private static final Duration STEP = Duration.ofMillis(100);
    private static final System.Logger LOG = System.getLogger("dev.holdfast.SharedServer");

    private final Duration limit;
    private final Drain drain;
    private final Drain.Others others;
    private final Ticker ticker = Ticker.system();
    private final List<SessionCoordinator> applications = new CopyOnWriteArrayList<>();

    /** Takes it away from the container; null where it was not given to one. */
    @GuardedBy("this")
    private @Nullable Runnable taking;

    /** @param limit zero: it does not wait */
    OrderlyStop(Duration limit, Drain drain, Drain.Others others) {
        this.limit = limit;
        this.drain = drain;
        this.others = others;
    }

    /** An application of that server has started. */
    void add(SessionCoordinator application, ContainerServer server) {
        applications.add(application);
        synchronized (this) {
            if (taking == null && !limit.isZero()) {
                taking = server.beforeStop(this::runGuarded);
            }
        }
    }

    void remove(SessionCoordinator application) {
        applications.remove(application);
    }

    /** Whatever goes wrong here keeps no server from stopping. */
    private void runGuarded() {
        try {
            run();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.WARNING, "HF-151: This node stops at once: [" + Shown.failure(e) + "]");
        }
    }

    /** Returns when the server may stop. */
    void run() {
        if (!begin()) {
            return;
        }
        long start = ticker.nanos();
        LOG.log(
                Level.INFO,
                "HF-150: This node is about to stop. It serves on until nobody has used a session for "
                        + QUIET.toSeconds() + " seconds, and no longer than holdfast.drain.limit = " + limit.toMillis()
                        + "ms.");
        long last = start;
        long uses = uses();
        while (drain.isDraining() && ticker.nanos() - start < limit.toNanos()) {
            ticker.await(ticker.nanos() + STEP.toNanos());
            long now = uses();
            if (now != uses || isInUse()) {
                uses = now;
                last = ticker.nanos();
            } else if (ticker.nanos() - last >= QUIET.toNanos()) {
                break;
            }
            if (Thread.currentThread().isInterrupted()) {
                break;
            }
        }
        long quiet = TimeUnit.NANOSECONDS.toMillis(ticker.nanos() - last);
        LOG.log(
                Level.INFO,
                "HF-150: This node stops now, after " + TimeUnit.NANOSECONDS.toMillis(ticker.nanos() - start) + "ms. "
                        + (drain.isDraining()
                                ? "The last use of a session was " + quiet + "ms ago; all go on at other nodes."
                                : "It does not drain any more: no other node stays, or somebody has ended it."));
    }

    /** @return whether the node drains */
    private boolean begin() {
        try {
            drain.begin(others.areRouted() ? "move" : "soft", false);
        } catch (IllegalStateException e) {
            if (!drain.isDraining()) {
                LOG.log(
                        Level.INFO,
                        "HF-151: This node stops at once, and waits for none of its browsers, though"
                                + " holdfast.drain.limit is set. " + e.getMessage());
                return false;
            }
        }
        return true;
    }

    private long uses() {
        long sum = 0;
        for (SessionCoordinator application : applications) {
            SessionCounters counters = application.counters();
            sum += counters.trusted.sum()
                    + counters.loads.sum()
                    + counters.sharedLoads.sum()
                    + counters.creates.sum()
                    + counters.outageReads.sum();
        }
        return sum;
    }

    /** Whether a request is inside that has used its session. */
    private boolean isInUse() {
        for (SessionCoordinator application : applications) {
            ProtocolContext context = application.context();
            long now = context.ticker().nanos();
            if (context.copies().all().stream()
                    .anyMatch(copy -> copy.admission().isOpenSince(now))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public synchronized void close() {
        if (taking != null) {
            taking.run();
            taking = null;
        }
    }
}
