package dev.holdfast.session.copy;

import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.StateVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Keeps crawlers and long timeouts from filling the memory: above a number of copies those go that Redis has, that no
 * request is inside, and whose trust is over anyway, so that their next request asks Redis with or without them; the
 * longest unused first. One that holds values which stay on this node remains: they are nowhere else.
 *
 * <p><b>Implementation note.</b> While the store is away, or has lost data, copies may be all there is of their
 * sessions, and none goes.
 */
public final class CopiesBound {
    /** More than are in use at a time on nearly any node. */
    public static final int MOST = 20_000;

    private final ProtocolContext context;
    private final Predicate<NearCopy> usedSince;

    /** @param usedSince whether a use of a copy's session is still to be told to the store */
    public CopiesBound(ProtocolContext context, Predicate<NearCopy> usedSince) {
        this.context = context;
        this.usedSince = usedSince;
    }

    private record Unused(NearCopy copy, long since) {}

    /** To be called once a second. */
    public void drop() {
        int surplus = context.copies().size() - MOST;
        if (surplus <= 0 || context.store().isAway() || context.shards().unsettled() != 0) {
            return;
        }
        long now = context.ticker().nanos();
        List<Unused> unused = new ArrayList<>();
        for (NearCopy copy : context.copies().all()) {
            long lastUse = copy.admission().lastUse();
            if (mayGo(copy, lastUse, now)) {
                unused.add(new Unused(copy, lastUse));
            }
        }
        unused.sort(Comparator.comparingLong(Unused::since));
        unused.stream().limit(surplus).forEach(each -> drop(each.copy(), now));
    }

    private void drop(NearCopy copy, long now) {
        if (!copy.lock.tryAcquire()) {
            return;
        }
        try {
            if (copy.admission().stopIfIdle()) {
                if (mayGo(copy, copy.admission().lastUse(), now)) {
                    context.counters().copiesDropped.increment();
                    context.copies().drop(copy);
                } else {
                    copy.admission().resume();
                }
            }
        } finally {
            copy.lock.release();
        }
    }

    private boolean mayGo(NearCopy copy, long lastUse, long now) {
        long trusted = TimeUnit.MILLISECONDS.toNanos(
                Lifetimes.graceMillis(copy.stored().maxInactiveSeconds()));
        return now - lastUse > trusted
                && !copy.admission().isOpen()
                && !copy.stored().base().equals(StateVersion.NONE)
                && copy.id().equals(copy.stored().id())
                && !copy.owed().isOwing()
                && copy.values().unowned().isEmpty()
                && !copy.hasLocalValues()
                && !usedSince.test(copy);
    }
}
