package dev.holdfast.session.outage;

import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.commit.Commit;
import dev.holdfast.session.commit.CommitResult;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestQueue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of a round that are saved with one round trip, each with an outcome of its own. Used by one thread, once.
 *
 * <p><b>Implementation note.</b> The locks of all of them are held until the reply is there, and none of them is waited
 * for: one that is taken is left to who has it. So whoever waits for a copy's lock waits for the store, never for
 * somebody who waits for another copy's, and there is no order between them. What the store did not simply take
 * (another node has gone on, the shard is not settled) goes on alone, behind the others.
 */
final class BacklogBatch {
    /** About so many bytes of values go together; one session with more goes alone. */
    private static final long BYTES = 256 * 1024;

    /** What came of saving one. */
    interface Outcome {
        /** @param failure why the store did not take it, if it was the store */
        void of(NearCopy copy, BacklogSaver.Saved saved, @Nullable StoreUnavailableException failure);
    }

    /** Begins the commit of a session. */
    interface Beginning {
        /** Under the lock; null if there is nothing to write. */
        @Nullable
        Commit with(WaitBudget budget) throws UnencodableAttributeException;
    }

    private record Part(NearCopy copy, RequestQueue.Held turn, Commit commit, SessionStore.Write command) {}

    private final ProtocolContext context;
    private final CopyRescue salvage;
    private final RequestQueue turns;
    private final List<Part> parts = new ArrayList<>();
    private long bytes;
    private boolean failed;

    BacklogBatch(ProtocolContext context, CopyRescue salvage, RequestQueue turns) {
        this.context = context;
        this.salvage = salvage;
        this.turns = turns;
    }

    boolean hasRoom() {
        return bytes < BYTES;
    }

    /** Whether the round trip was not answered, so that a smaller one may be. */
    boolean hasFailed() {
        return failed;
    }

    /**
     * Prepares a session's commit, unless somebody else works on it.
     *
     * @param outcome is told if it ends here
     */
    void add(NearCopy copy, Beginning begin, Outcome outcome) {
        RequestQueue.Held turn = new RequestQueue.Held();
        WaitBudget budget = new WaitBudget(context.options().timeout());
        // Where requests go one at a time, none is to be seen half done.
        if (turns.enter(turn, budget, copy.id(), false) == RequestQueue.Entry.BUSY) {
            return;
        }
        if (!copy.lock.tryAcquire()) { // a request is at it
            turns.leaveAll(turn);
            return;
        }
        boolean added = false;
        try {
            if (!copy.isServing()) {
                return;
            }
            copy.window().open();
            Commit commit = begin.with(budget);
            if (commit == null) {
                outcome.of(copy, BacklogSaver.Saved.YES, null);
                return;
            }
            SessionStore.Write command = commit.attempt();
            parts.add(new Part(copy, turn, commit, command));
            added = true;
            bytes += size(command);
        } catch (StoreUnavailableException e) {
            outcome.of(copy, BacklogSaver.Saved.LATER, e);
        } catch (UnencodableAttributeException e) {
            outcome.of(copy, BacklogSaver.notNow(copy), null);
        } finally {
            if (!added) {
                leave(copy, turn);
            }
        }
    }

    private static long size(SessionStore.Write write) {
        Map<String, byte[]> values =
                write instanceof SessionStore.Commit commit ? commit.writes() : ((SessionStore.Create) write).values();
        return values.values().stream().mapToLong(value -> value.length).sum();
    }

    /** Sends all of it, and tells what came of each. */
    void save(Outcome outcome) {
        List<Part> left = new ArrayList<>(parts);
        try {
            List<Part> together =
                    parts.stream().filter(part -> isSimple(part.command())).toList();
            List<SessionStore.Written> written = together.isEmpty() ? List.of() : send(together);
            failed = !written.isEmpty() && written.stream().allMatch(BacklogBatch::isUnanswered);
            Map<Part, Supplier<CommitResult>> others = new LinkedHashMap<>();
            parts.forEach(part -> others.put(part, () -> runAlone(part)));
            for (int i = 0; i < together.size(); i++) {
                Part part = together.get(i);
                SessionStore.Written each = written.get(i);
                if (isTaken(each)) {
                    others.remove(part);
                    left.remove(part);
                    finish(part, () -> goOn(part, each), outcome);
                } else {
                    others.put(part, () -> goOn(part, each));
                }
            }
            others.forEach((part, step) -> {
                left.remove(part);
                finish(part, step, outcome);
            });
        } finally {
            left.forEach(part -> leave(part.copy(), part.turn()));
        }
    }

    /** Whether it changes nothing but one session under the id that it has. */
    private static boolean isSimple(SessionStore.Write write) {
        return !(write instanceof SessionStore.Commit commit) || commit.newId() == null;
    }

    private List<SessionStore.Written> send(List<Part> together) {
        List<SessionStore.Write> writes = together.stream().map(Part::command).toList();
        return context.store().write(writes, new WaitBudget(context.options().timeout()));
    }

    private static boolean isTaken(SessionStore.Written written) {
        return written.reply() != null && written.reply().outcome() == SessionStore.Outcome.OK;
    }

    private static boolean isUnanswered(SessionStore.Written written) {
        return written.failure() != null && written.failure().maybeApplied();
    }

    private static CommitResult goOn(Part part, SessionStore.Written written) {
        SessionStore.CommitReply reply = written.reply();
        if (reply == null) {
            return CommitResult.failed(CommitResult.End.UNANSWERED, Objects.requireNonNull(written.failure()));
        }
        CommitResult result = part.commit().heard(reply);
        return result != null ? result : part.commit().run();
    }

    /** Where the copy was dropped meanwhile, nothing is left to save. */
    private static CommitResult runAlone(Part part) {
        return part.copy().isServing() ? part.commit().run() : CommitResult.SAVED;
    }

    private void finish(Part part, Supplier<CommitResult> step, Outcome outcome) {
        NearCopy copy = part.copy();
        try {
            outcome.of(copy, OutagePolicy.afterSaving(part.commit(), step.get()), null);
        } catch (StoreUnavailableException e) {
            outcome.of(copy, BacklogSaver.Saved.LATER, e);
        } finally {
            leave(copy, part.turn());
        }
    }

    private void leave(NearCopy copy, RequestQueue.Held turn) {
        copy.window().close();
        salvage.release(copy);
        turns.leaveAll(turn);
    }
}
