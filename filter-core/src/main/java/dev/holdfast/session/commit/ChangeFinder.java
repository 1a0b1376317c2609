package dev.holdfast.session.commit;

import dev.holdfast.session.ClientWaits;
import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.FieldEncoder;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.PendingWrites;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestUse;
import dev.holdfast.session.copy.WaitingEncoder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds what is not in the store yet. */
public final class ChangeFinder {
    private final ProtocolContext context;
    private final ClientWaits waits;

    /** @param waits of all applications of this server */
    public ChangeFinder(ProtocolContext context, ClientWaits waits) {
        this.context = context;
        this.waits = waits;
    }

    /**
     * What a request wrote, and what it saw of its neighbours' unsaved work; all of it if the session is new. What is
     * owed goes along if anything is to be written; a request that did not use it need not wait for it.
     *
     * @param budget of what a request may wait for its neighbours, who may be changing what it looks at
     * @throws UnencodableAttributeException if a value cannot be stored
     */
    public ChangeSet of(Initiator initiator, RequestUse request, ContainerSession local, WaitBudget budget)
            throws UnencodableAttributeException {
        NearCopy copy = request.copy();
        FieldEncoder encoder =
                initiator == Initiator.REQUEST ? new WaitingEncoder(context, waits, request, budget) : context.codec();
        PendingWrites.Seen owed = copy.owed().seen(copy.values()::tick);
        List<String> used = request.committedFields(context.rules());
        boolean create = copy.stored().base().equals(StateVersion.NONE);
        boolean alone = owed.fields().isEmpty() && owed.unsure().isEmpty();
        if (!create && alone && !copy.values().hasOthersWork(request.namesRead())) {
            return ChangeSet.of(copy.values(), local, used, owed, encoder);
        }
        Set<String> fields = new HashSet<>(used);
        fields.addAll(copy.values().unowned());
        fields.addAll(owed.unsure());
        if (request.namesRead()) {
            fields.addAll(copy.values().refused());
        }
        if (create) {
            fields.addAll(local.fields());
        }
        // A list of the names has shown new ones that are owed.
        if (!owed.fields().isEmpty() && !create && initiator == Initiator.REQUEST && !request.namesRead()) {
            ChangeSet own = ChangeSet.of(copy.values(), local, fields, owed.unexamined(), encoder);
            if (!needsCommit(copy, local, own)) {
                return own;
            }
        }
        fields.addAll(owed.fields());
        return ChangeSet.of(copy.values(), local, fields, owed, encoder);
    }

    public static boolean needsCommit(NearCopy copy, ContainerSession local, ChangeSet changes) {
        return !changes.isEmpty() || needsCommit(copy, local);
    }

    /** Whether there is something to write whatever the values are. */
    public static boolean needsCommit(NearCopy copy, ContainerSession local) {
        return copy.stored().base().equals(StateVersion.NONE)
                || copy.owed().isUnanswered()
                || local.maxInactiveSeconds() != copy.stored().maxInactiveSeconds()
                || !copy.id().equals(copy.stored().id());
    }
}
