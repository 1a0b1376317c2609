package dev.holdfast.session.commit;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.PendingWrites;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestUse;
import java.util.Set;

/** Finds what is not in the store yet. */
public final class ChangeFinder {
    private final ProtocolContext context;

    public ChangeFinder(ProtocolContext context) {
        this.context = context;
    }

    /**
     * What a request wrote, and what it saw of its neighbours' unsaved work; all of it if the session is new. What is
     * owed goes along if anything is to be written; a request that did not use it need not wait for it.
     *
     * @throws UnencodableAttributeException if a value cannot be stored
     */
    public ChangeSet of(Initiator initiator, RequestUse request, ContainerSession local)
            throws UnencodableAttributeException {
        NearCopy copy = request.copy();
        PendingWrites.Seen owed = copy.owed().seen(copy.values()::tick);
        Set<String> fields = request.committedFields(context.rules());
        fields.addAll(copy.values().unowned());
        fields.addAll(owed.unsure());
        if (request.namesRead()) {
            fields.addAll(copy.values().refused());
        }
        boolean create = copy.stored().base().equals(StateVersion.NONE);
        if (create) {
            fields.addAll(local.fields());
        }
        // A list of the names has shown new ones that are owed.
        if (!owed.fields().isEmpty() && !create && initiator == Initiator.REQUEST && !request.namesRead()) {
            ChangeSet own = ChangeSet.of(copy.values(), local, fields, owed.unexamined(), context.codec());
            if (!needsCommit(copy, local, own)) {
                return own;
            }
        }
        fields.addAll(owed.fields());
        return ChangeSet.of(copy.values(), local, fields, owed, context.codec());
    }

    public static boolean needsCommit(NearCopy copy, ContainerSession local, ChangeSet changes) {
        return copy.stored().base().equals(StateVersion.NONE)
                || !changes.isEmpty()
                || copy.owed().isUnanswered()
                || local.maxInactiveSeconds() != copy.stored().maxInactiveSeconds()
                || !copy.id().equals(copy.stored().id());
    }
}
