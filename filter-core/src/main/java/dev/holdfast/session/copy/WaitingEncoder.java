package dev.holdfast.session.copy;

import dev.holdfast.session.ClientWaits;
import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Fields;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.WaitBudget;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Encodes what a request saves. Made for one look at the session, and used by one thread.
 *
 * <p>A value that could be stored before and cannot be now may be in the hands of another thread: half-changed, or with
 * something in it for a moment that no store takes, as a page of Vaadin has while a click is answered. It is tried
 * again before it is taken for what it seems to be. Pauses and attempts are taken off the request's own budget for the
 * store, and half of that is left: so a request that waits while it holds the session's lock keeps a neighbour no
 * longer than a slow store could. Beyond some milliseconds it waits only for requests that have used the attribute, and
 * that do not wait themselves: for this, or for the lock.
 */
public final class WaitingEncoder implements FieldEncoder {
    /**
     * Pauses that are made even if no other request is inside, each twice as long as the last: the change may come from
     * a thread of the application's own.
     */
    private static final int PAUSES = 4;

    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    private final ProtocolContext context;
    private final LocalCodec codec;
    private final ClientWaits waits;
    private final RequestUse request;
    private final NearCopy copy;
    private final WaitBudget budget;
    private int pauses;

    /**
     * @param waits of all applications of this server
     * @param request saves
     * @param budget of the request
     */
    public WaitingEncoder(ProtocolContext context, ClientWaits waits, RequestUse request, WaitBudget budget) {
        this.context = context;
        this.codec = context.codec();
        this.waits = waits;
        this.request = request;
        this.copy = request.copy();
        this.budget = budget;
    }

    @Override
    public byte[] encodeField(String field, Object live) throws UnencodableAttributeException {
        return codec.encodeField(field, live);
    }

    @Override
    public boolean isImmutable(Object live) {
        return codec.isImmutable(live);
    }

    @Override
    public byte @Nullable [] encodeUnlessReplaced(
            String field, Object live, @Nullable KnownField known, ContainerSession local)
            throws UnencodableAttributeException {
        String attribute = Fields.shown(field);
        UnencodableAttributeException failure;
        try {
            return codec.encodeAtOnce(attribute, live);
        } catch (UnencodableAttributeException e) {
            failure = e;
        }
        boolean wasStorable = failure.culprit() != null && known != null && !codec.isMarked(known);
        // What the container keeps is made anew whenever it is asked for: nobody changes it.
        if (field.startsWith(Fields.RESERVED) || !(failure.isPassing() || wasStorable)) {
            return codec.markerFor(attribute, failure);
        }
        return encodeLater(field, live, known, local, failure);
    }

    private byte @Nullable [] encodeLater(
            String field,
            Object live,
            @Nullable KnownField known,
            ContainerSession local,
            UnencodableAttributeException failure)
            throws UnencodableAttributeException {
        String attribute = Fields.shown(field);
        UnencodableAttributeException last = failure;
        SessionId counted = null;
        request.beginWaiting();
        try {
            boolean beside = false;
            while (pauses < PAUSES || beside) {
                if (pauses >= PAUSES && counted == null) {
                    counted = copy.id();
                    if (!waits.enter(counted, context.options().requestThreads().getAsInt())) {
                        counted = null;
                        break;
                    }
                }
                long start = context.ticker().nanos();
                if (!pause(start)) {
                    break;
                }
                if (local.value(field) != live || !Objects.equals(copy.values().known(field), known)) {
                    budget.spend(context.ticker().nanos() - start);
                    return null;
                }
                // Asked before the attempt: if nobody is at it by now, the attempt sees the finished value.
                beside = copy.admission().isUsedBeside(request, field);
                try {
                    return codec.encodeStorable(attribute, live);
                } catch (UnencodableAttributeException e) {
                    last = e;
                } finally {
                    budget.spend(context.ticker().nanos() - start);
                }
            }
        } finally {
            request.endWaiting();
            if (counted != null) {
                waits.leave(counted);
            }
        }
        return codec.markerFor(attribute, last);
    }

    /** @return false if there is no time for it */
    private boolean pause(long now) {
        long longest = budget.remainingNanos() - budget.whole().toNanos() / 2;
        if (longest <= 0) {
            return false;
        }
        context.ticker().await(now + Math.min(longest, FIRST_PAUSE << Math.min(pauses, PAUSES)));
        pauses++;
        return true;
    }
}
