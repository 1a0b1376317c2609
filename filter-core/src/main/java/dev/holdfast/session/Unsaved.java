package dev.holdfast.session;

import java.util.Set;

/** Finds what is not in the store yet. What cannot be encoded refuses the request and takes the copy with it. */
final class Unsaved {
    private final Node node;

    Unsaved(Node node) {
        this.node = node;
    }

    /**
     * What a request wrote, and what it saw of its neighbours' unsaved work; all of it if the session is new. What is owed goes along if
     * anything is to be written; a request that did not use it need not wait for it.
     *
     * @throws SessionRefusedException if a value cannot be stored
     */
    Changes of(RequestScope scope, RequestSession request, LocalSession local) {
        NearCopy copy = request.copy();
        Owed.Seen owed = copy.owed().seen(copy.values()::tick);
        Set<String> fields = request.committedFields(node.rules);
        fields.addAll(copy.values().unowned());
        fields.addAll(owed.unsure());
        if (request.namesRead()) {
            fields.addAll(copy.values().refused());
        }
        boolean create = copy.base().equals(Base.NONE);
        if (create) {
            fields.addAll(local.fields());
        }
        try {
            // A list of the names has shown new ones that are owed.
            if (!owed.fields().isEmpty() && !create && !scope.isNobodys() && !request.namesRead()) {
                Changes own = Changes.of(copy, local, fields, owed.unexamined(), node.codec);
                if (!needsCommit(copy, local, own)) {
                    return own;
                }
            }
            fields.addAll(owed.fields());
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
            node.salvage.drop(copy, null);
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
