package dev.holdfast.session.outage;

import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.PendingWrites;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestUse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The sessions that owe the store something, and how many there may be; how they are saved when it is back is the
 * {@link BacklogSaver}'s. Safe for use by many threads.
 */
public final class WriteBacklog {
    /**
     * So many sessions that the store does not know may begin while it is away: crawlers make one with each request,
     * and a node that grows until it falls would lose them all. A session that it knows is in memory anyhow, whatever
     * is owed of it.
     */
    public static final int MOST_NEW = 10_000;

    private final ProtocolContext context;
    private final BacklogReport report;
    private final AtomicInteger owing = new AtomicInteger();
    private final AtomicInteger owingNew = new AtomicInteger();
    /** Copies with values that no request answers for, and since when; some may be saved by now. */
    private final Map<NearCopy, Long> unowned = new ConcurrentHashMap<>();

    private volatile boolean stopped;

    public WriteBacklog(ProtocolContext context) {
        this.context = context;
        this.report = new BacklogReport(context);
    }

    /** How many sessions owe something. */
    public int owing() {
        return owing.get();
    }

    /** Whether there is anything to save. */
    public boolean hasWork() {
        return owing.get() > 0 || !unowned.isEmpty();
    }

    /** Whether the node stops: what would be owed from now on, nobody would save. */
    boolean isStopped() {
        return stopped;
    }

    // ---- what is owed

    /** Whether this session may owe something, too. */
    boolean hasRoomFor(NearCopy copy) {
        if (copy.owed().isOwing() || copy.mayBeStored() || owingNew.get() < MOST_NEW) {
            return true;
        }
        context.counters().atRiskFull.increment();
        report.full(MOST_NEW);
        return false;
    }

    /** Takes over a request's work; false if the copy serves nobody any more. */
    boolean owe(RequestUse request) {
        NearCopy copy = request.copy();
        boolean isNew = !copy.mayBeStored();
        PendingWrites.Taken taken = copy.owe(request, isNew, context.ticker().nanos());
        if (taken == PendingWrites.Taken.FIRST) {
            owing.incrementAndGet();
            if (isNew) {
                owingNew.incrementAndGet();
            }
        }
        return taken != PendingWrites.Taken.NOT;
    }

    /** A field was written where no request is that could save it, as by a thread of a WebSocket. */
    public void unowned(NearCopy copy, String field) {
        if (!copy.isOrphan()) {
            unowned(copy);
        } else if (!copy.isOver()) {
            report.writtenToOrphan(copy, field);
        }
    }

    /**
     * A copy has values that no request answers for: nobody was told that they are kept, and they are not lost without
     * a word.
     */
    private void unowned(NearCopy copy) {
        unowned.putIfAbsent(copy, context.ticker().nanos());
    }

    /** A round has tried to save a copy. */
    void forgetIfSaved(NearCopy copy) {
        unowned.remove(copy);
        if (copy.isServing() && copy.values().hasUnowned()) {
            unowned(copy); // set meanwhile
        }
    }

    /** A request was acknowledged at risk. */
    void tellOfRisk() {
        report.atRisk();
    }

    /** Says that nothing is at risk any more, if that is so and was not said. */
    public void tellIfPaid() {
        if (owing.get() == 0) {
            report.nothingOwed();
        }
    }

    /** What a copy owes cannot be saved, and is tried again. */
    void notSaved(NearCopy copy, String why) {
        report.notSaved(copy, why);
    }

    /** The store answers again. */
    public void storeIsBack() {
        report.storeIsBack();
    }

    /** A copy owes nothing any more: all of it is in the store. */
    public void paid(PendingWrites.Cleared cleared) {
        if (cleared.acknowledged()) {
            context.counters().atRiskSaved.increment();
        }
        countOff(cleared);
    }

    /** A session that ended here owes nothing any more. */
    public void ended(NearCopy copy) {
        unowned.remove(copy);
        PendingWrites.Cleared cleared = copy.owed().forfeit();
        if (cleared != null) {
            countOff(cleared);
        }
    }

    /** A copy is dropped: what it still owes is given up. */
    public void dropped(NearCopy copy) {
        unowned.remove(copy);
        if (copy.values().hasUnowned() && !copy.isOver()) {
            report.unownedGivenUp(copy);
        }
        PendingWrites.Cleared cleared = copy.owed().forfeit();
        if (cleared == null) {
            return;
        }
        if (cleared.acknowledged()) {
            report.lost(copy);
        }
        countOff(cleared);
    }

    private void countOff(PendingWrites.Cleared cleared) {
        report.settles(); // before it can be seen that it was the last one
        owing.decrementAndGet();
        if (cleared.newSession()) {
            owingNew.decrementAndGet();
        }
    }

    // ---- who is to be saved

    /** A copy that owes, since when. */
    record PendingCopy(NearCopy copy, long since) {}

    static boolean isPending(NearCopy copy) {
        return copy.owed().isOwing() || copy.values().hasUnowned();
    }

    /**
     * The oldest debt first, but behind those that the last round has tried.
     *
     * @param lastTried since when the last of these has owed
     */
    List<PendingCopy> pendingCopies(long lastTried) {
        unowned.keySet().removeIf(NearCopy::isOrphan); // one may have been dropped while it was entered
        List<PendingCopy> pendingCopies = new ArrayList<>();
        for (NearCopy copy : context.copies().all()) {
            if (copy.owed().isOwing()) {
                pendingCopies.add(new PendingCopy(copy, copy.owed().since()));
            } else if (copy.values().hasUnowned()) {
                pendingCopies.add(new PendingCopy(copy, unowned.getOrDefault(copy, Long.MIN_VALUE + 1)));
            } else {
                unowned.remove(copy); // a request has saved them
            }
        }
        pendingCopies.sort(Comparator.comparingLong(PendingCopy::since));
        int tried = 0;
        while (tried < pendingCopies.size() && pendingCopies.get(tried).since() <= lastTried) {
            tried++;
        }
        Collections.rotate(pendingCopies, -tried);
        return pendingCopies;
    }

    /** How many sessions have anything that is in this node's memory only. */
    int left() {
        int left = owing.get();
        for (NearCopy copy : unowned.keySet()) {
            if (copy.isServing() && !copy.owed().isOwing() && copy.values().hasUnowned()) {
                left++;
            }
        }
        return left;
    }

    /** The node stops: no request is acknowledged at risk any more. */
    void stop() {
        stopped = true;
    }

    /** The node has stopped: what is left is lost. */
    void tellOfRest() {
        tellIfPaid();
        int left = left();
        if (left > 0) {
            report.lostAtStop(left);
        }
    }
}
