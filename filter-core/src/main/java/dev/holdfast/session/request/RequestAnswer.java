package dev.holdfast.session.request;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.ClientWaits;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.RequestContext;
import dev.holdfast.session.copy.RequestUse;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request: what must be in the store before it begins and before it ends, which epoch it carries, and
 * when its end has to wait (rules 4 and 10). How the request comes to its sessions stands in {@link RequestScope},
 * which is one. Safe for use by several threads of the request.
 */
abstract class RequestAnswer extends RequestContext {
    private final SessionCoordinator coordinator;

    @GuardedBy("this")
    private @Nullable Epoch sent;

    @GuardedBy("this")
    private boolean headersSent;

    @GuardedBy("this")
    private boolean finished;

    /** Whether all was saved after the application had left the request. */
    @GuardedBy("this")
    private boolean workIsOver;

    RequestAnswer(
            SessionCoordinator coordinator,
            @Nullable Epoch presented,
            WaitBudget budget,
            long began,
            @Nullable RequestContext host) {
        super(coordinator.context(), presented, budget, began, host);
        this.coordinator = coordinator;
    }

    /** Of the application that this is a request to. */
    final SessionCoordinator coordinator() {
        return coordinator;
    }

    /** For a guest: does something as its application, with the class loader of that. Does nothing for another one. */
    abstract void asGuest(Runnable work);

    private void eachGuest(Consumer<RequestAnswer> action) {
        if (guests().isEmpty()) {
            return; // as mostly
        }
        for (RequestContext one : guests()) {
            if (one instanceof RequestAnswer guest) {
                guest.asGuest(() -> action.accept(guest));
            }
        }
    }

    /**
     * Makes everything that this request changed, or saw changed, durable. To be called before the first byte of the
     * response leaves; may be called again.
     *
     * @throws SessionRefusedException if something cannot be kept: the response is to be 503
     */
    public final void save() {
        SessionRefusedException refused = refusal();
        if (refused != null) {
            throw refused;
        }
        orRefuse(() -> {
            List<RequestUse> all = sessions();
            for (int i = 0; i < all.size(); i++) { // each request comes through here, and below
                coordinator.requests().save(this, all.get(i));
            }
        });
        eachGuest(RequestAnswer::save);
    }

    /**
     * As {@link #save}, for a caller who knows that the application has left the request, and that nothing of the
     * answer has: {@link #finish}, which is to follow at once, does not look again for values that have changed in
     * place. A session that was used since this began, by a thread of the application's own or by what encodes its
     * values, is looked at all the same; what such a thread changes in a value that it has held before, no look is
     * sure to see.
     *
     * @throws SessionRefusedException if something cannot be kept: the response is to be 503
     */
    public final void saveAtTheEnd() {
        save();
        workIsOver();
        for (RequestContext one : guests()) {
            if (one instanceof RequestAnswer guest) {
                guest.workIsOver();
            }
        }
    }

    private synchronized void workIsOver() {
        workIsOver = true;
    }

    /**
     * The epoch that the response must carry as a cookie. To be asked after {@link #save}, when the headers are about
     * to leave.
     *
     * @return null if none is needed
     */
    public final @Nullable Epoch sendEpoch() {
        synchronized (this) {
            headersSent = true;
            RequestUse last = last();
            sent = last == null || last.copy().isOver() ? null : last.answer();
            return sent;
        }
    }

    /**
     * To be called before the end of a response leaves whose head had left before: saves what was changed since, and,
     * where an epoch moved that no header could tell, waits until every other node has stopped trusting the old one.
     * The request may go on; {@link #finish} will follow.
     *
     * @throws SessionRefusedException if a late change cannot be kept, or too many answers wait for their end: the
     *     connection is to be closed
     */
    public final void endResponse() {
        orRefuse(() -> {
            saveLate();
            awaitOldTrust();
        });
        eachGuest(RequestAnswer::endResponse);
    }

    /** Whether the head of the response has left with the epoch that the session moved to. */
    private synchronized boolean hasToldEpochOf(RequestUse session) {
        Epoch answer = session.answer();
        return headersSent && answer != null && answer.equals(sent);
    }

    private void saveLate() {
        boolean over;
        synchronized (this) {
            over = workIsOver;
        }
        List<RequestUse> all = sessions();
        for (int i = 0; i < all.size(); i++) {
            if (!isWorkRefused()) {
                coordinator.requests().saveLate(this, all.get(i), over);
            }
        }
    }

    /**
     * Ends the request: saves what was changed after the response had begun, notes the use, and, where an epoch moved
     * that no header could tell, waits until every other node has stopped trusting the old one.
     *
     * @throws SessionRefusedException if a late change cannot be kept: the connection is to be closed
     */
    public final void finish() {
        synchronized (this) {
            if (finished) {
                return;
            }
            finished = true;
        }
        try {
            eachGuest(RequestAnswer::finish); // what is refused to a guest is to be known before this is
        } finally {
            finishOwn();
        }
    }

    private void finishOwn() {
        boolean saved = false;
        try {
            orRefuse(this::saveLate);
            saved = true;
            orRefuse(this::awaitOldTrust);
        } finally {
            // Whatever goes wrong with one of them: the others are closed, and the next request gets its turn.
            try {
                close(sessions(), !saved || isWorkRefused());
            } finally {
                coordinator.requests().leave(this);
            }
        }
    }

    private void close(List<RequestUse> open, boolean refused) {
        for (int i = 0; i < open.size(); i++) {
            RequestUse session = open.get(i);
            try {
                if (refused) {
                    // What was refused must not become durable with a neighbour's commit.
                    orRefuse(() -> coordinator.requests().abandon(session, refusal()));
                }
            } catch (SessionRefusedException e) {
                // Told where it was refused. The copy was an orphan before any code of others ran, or it is dropped
                // now.
                coordinator.requests().orphan(session);
            } finally {
                coordinator.requests().close(session);
            }
        }
    }

    /**
     * Rule 10. While an answer has no end, its browser has not read it, and may be shown the old state elsewhere. So
     * where no more requests may wait the answer gets none: its connection is closed. What the request did is in the
     * store and stays there.
     */
    private void awaitOldTrust() {
        long until = Long.MIN_VALUE;
        SessionId waiting = null;
        List<RequestUse> all = sessions();
        for (int i = 0; i < all.size(); i++) {
            RequestUse session = all.get(i);
            if (session.hasMoved() && !session.copy().isOver() && !hasToldEpochOf(session)) {
                until = Math.max(until, coordinator.context().rules().oldTrustEnds(session.movedAt()));
                waiting = session.copy().id();
            }
        }
        if (waiting != null && refusal() == null && !coordinator.requests().awaitOldTrust(waiting, until)) {
            throw refuseEnd(
                    "HF-237",
                    "The answer to a request of session " + waiting
                            + " had begun before the request used its session, so its end has to wait until no other"
                            + " node trusts an older state, and "
                            + ClientWaits.bounds() + " The connection is closed.");
        }
    }
}
