package dev.holdfast.session.copy;

import dev.holdfast.session.Fields;
import dev.holdfast.session.LocalMarker;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.Shown;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the container's object of a session tells of its uses, and asks for. A use counts as the current request's;
 * where none is known, as that of all that are inside.
 *
 * <p><b>Implementation note.</b> The monitor is the copy's, see {@link CopyAdmission}: a merge and the publishing of a
 * decoded value are one step for readers.
 */
final class CopyAccess implements SessionAccess {
    private final NearCopy copy;
    private final ProtocolContext context;
    private final FieldStates values;

    CopyAccess(NearCopy copy, ProtocolContext context) {
        this.copy = copy;
        this.context = context;
        this.values = copy.values();
    }

    NearCopy copy() {
        return copy;
    }

    @Override
    public SessionId id() {
        return copy.id();
    }

    @Override
    public void noteRead(String field) {
        noteUse(user -> user.read(field));
    }

    @Override
    public void noteReadOfNames() {
        noteUse(OpenRequest::readNames);
    }

    /** Whether an open request answers for the use. */
    private boolean noteUse(Consumer<OpenRequest> use) {
        RequestContext request = RequestContext.currentOf(context);
        return copy.admission().noteUse(request != null ? request.sessionOf(copy) : null, use);
    }

    @Override
    public void write(String field, Runnable change) {
        write(Set.of(field), () -> {
            change.run();
            return null;
        });
    }

    @Override
    public <T> @Nullable T write(Collection<String> fields, Supplier<@Nullable T> change) {
        fields.forEach(values::beginWrite);
        try {
            fields.forEach(this::noteWrite); // a neighbour who reads the new value finds it unsaved
            return change.get();
        } finally {
            fields.forEach(this::noteWrite); // a commit that saw the old one did not save this
            fields.forEach(values::endWrite);
        }
    }

    private void noteWrite(String field) {
        values.written(field);
        if (!noteUse(user -> user.wrote(field))) {
            // A thread of the application's own, outside of any request (a WebSocket has none): the next one saves it,
            // or a round.
            values.unattributed(field);
            context.events().unowned(copy, field);
        }
    }

    @Override
    public void decode(String field, Predicate<Object> publish, Consumer<Object> retract) {
        while (true) {
            KnownField value = values.known(field);
            if (value == null || value.undecoded() == null || !isUndecoded(field)) {
                return;
            }
            Object live;
            try {
                live = live(field, value.undecoded());
                if (live == null) {
                    values.replace(field, value, value.damaged());
                    if (!context.options().localAttributes().test(Fields.shown(field))) {
                        context.unreadable().absent(id(), field, value.undecoded());
                    }
                    return;
                }
            } catch (UnreadableAttributeException e) {
                values.replace(field, value, value.damaged());
                context.unreadable().report(id(), field, e);
                return;
            } catch (OutOfMemoryError e) {
                throw refuseForLackOfMemory(field, e);
            }
            // Before anybody else can change it: encoding what was decoded need not give the stored bytes again.
            KnownField decoded = value.decoded(fingerprint(field, live, value));
            UnreadableAttributeException refused = null;
            synchronized (copy.admission()) { // no merge in between: a replaced value must not be seen for a moment
                if (!isUndecoded(field)) {
                    return; // set or removed meanwhile
                }
                if (value.equals(values.known(field))) {
                    try {
                        if (!publish.test(live) || values.replace(field, value, decoded) || values.isLive(field)) {
                            return;
                        }
                        retract.accept(live);
                    } catch (RuntimeException | LinkageError e) {
                        values.replace(field, value, value.damaged());
                        refused = new UnreadableAttributeException(
                                "Attribute \"" + Shown.text(Fields.shown(field))
                                        + "\" cannot be read: what is stored is nothing that this container takes.",
                                e);
                    }
                }
            }
            if (refused != null) {
                context.unreadable().report(id(), field, refused);
                return;
            }
            // A commit has replaced what is known of the value meanwhile: it is there all the same.
        }
    }

    /** Null if the value stays on another node, or was lost with one. */
    private @Nullable Object live(String field, byte[] stored) throws UnreadableAttributeException {
        return LocalMarker.isMarker(stored)
                ? context.local().value(copy.stored().internalId(), field, stored)
                : context.codec().decode(Fields.shown(field), stored);
    }

    private boolean isAbsent(String field) {
        KnownField value = values.known(field);
        byte[] stored = value == null ? null : value.undecoded();
        return stored != null
                && LocalMarker.isMarker(stored)
                && context.local().value(copy.stored().internalId(), field, stored) == null;
    }

    /**
     * A value that found no room in this JVM is as good as it was, and must not read as absent: it would be
     * overwritten.
     */
    private SessionRefusedException refuseForLackOfMemory(String field, OutOfMemoryError e) {
        String message = "Attribute \"" + Shown.text(Fields.shown(field)) + "\" of session " + id()
                + " does not fit into the memory that is left. The response is 503; see the heap of this node.";
        return RequestContext.refuse(context, RequestContext.currentOf(context), message, e);
    }

    private Fingerprint fingerprint(String field, Object live, KnownField value) {
        byte[] stored = value.undecoded();
        // What stays on this node is to be stored as soon as it can be.
        boolean staysHere = stored != null && LocalMarker.isMarker(stored);
        if (staysHere || field.startsWith(Fields.RESERVED) || context.codec().isImmutable(live)) {
            return value.fingerprint();
        }
        try {
            byte[] bytes = context.codec().encode(Fields.shown(field), live);
            // Where the value is to stay here from now on, the store does not know of it yet.
            return LocalMarker.isMarker(bytes) ? value.fingerprint() : Fingerprint.of(bytes);
        } catch (UnencodableAttributeException e) {
            return value.fingerprint(); // the commit will say so, if anything is to be written
        }
    }

    @Override
    public boolean isUndecoded(String field) {
        return values.isUndecoded(field);
    }

    @Override
    public Set<String> undecodedAttributes() {
        Set<String> names = new HashSet<>();
        for (String field : values.undecoded()) {
            if (field.startsWith(Fields.ATTRIBUTE) && !isAbsent(field)) {
                names.add(Fields.shown(field));
            }
        }
        return names;
    }

    @Override
    public void check(String attribute, Object value) {
        context.codec().check(attribute, value);
    }
}
