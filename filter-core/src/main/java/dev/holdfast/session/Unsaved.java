package dev.holdfast.session;

import java.util.HashSet;
import java.util.Set;

/** Finds what is not in the store yet. What cannot be encoded refuses the request and takes the copy with it. */
final class Unsaved {
    private final Node node;

    Unsaved(Node node) {
        this.node = node;
    }

    /**
     * What a request wrote, and what it saw of its neighbours' unsaved work; all of it if the session is new.
     *
     * @throws SessionRefusedException if a value cannot be stored
     */
    Changes of(RequestScope scope, RequestSession request, LocalSession local) {
        NearCopy copy = request.copy();
        Set<String> fields = request.committedFields(node.rules);
        Set<String> unowned = copy.values().unowned();
        Owed.Seen owed = copy.owed().seen(copy.values()::tick);
        boolean create = copy.base().equals(Base.NONE);
        if (create
                || !unowned.isEmpty()
                || !owed.fields().isEmpty()
                || !owed.unsure().isEmpty()) {
            fields = new HashSet<>(fields);
            fields.addAll(unowned);
            fields.addAll(owed.fields());
            fields.addAll(owed.unsure());
            if (create) {
                fields.addAll(local.fields());
            }
        }
        try {
            return Changes.of(copy, local, fields, owed, node.codec);
        } catch (UnencodableAttributeException e) {
            throw refuse(scope, copy, e);
        }
    }

    /**
     * The whole session, to be written over another state of it.
     *
     * @param stored fields that the store has, or may have
     * @throws SessionRefusedException if a value cannot be stored
     */
    Changes whole(RequestScope scope, NearCopy copy, LocalSession local, Set<String> stored) {
        try {
            return Changes.whole(copy, local, stored, node.codec);
        } catch (UnencodableAttributeException e) {
            throw refuse(scope, copy, e);
        }
    }

    private SessionRefusedException refuse(RequestScope scope, NearCopy copy, UnencodableAttributeException e) {
        if (!scope.isNobodys()) {
            node.copies.drop(copy);
        }
        return scope.refuse("Session " + copy.id() + " cannot be saved: " + e.getMessage(), e);
    }

    static boolean needsCommit(NearCopy copy, LocalSession local, Changes changes) {
        return copy.base().equals(Base.NONE)
                || !changes.isEmpty()
                || copy.owed().isUnanswered()
                || local.maxInactiveSeconds() != copy.savedMaxInactive()
                || !copy.id().equals(copy.storedId());
    }
}
