package dev.holdfast.session.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.testing.TestSession;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FieldStatesTest {
    private static final String FIELD = "a:cart";

    private final FieldStates states = new FieldStates();

    private ChangeSet look() throws UnencodableAttributeException {
        return ChangeSet.of(states, new TestSession(), List.of(FIELD), new FieldEncoder() {
            @Override
            public byte[] encodeField(String field, Object live) {
                throw new AssertionError("there is no value");
            }

            @Override
            public byte[] encodeUnlessReplaced(
                    String field, Object live, @Nullable KnownField known, ContainerSession local) {
                throw new AssertionError("there is no value");
            }

            @Override
            public boolean isImmutable(Object live) {
                return false;
            }
        });
    }

    private void writtenByNoRequest() {
        states.written(FIELD);
        states.unattributed(FIELD);
    }

    @Test
    void writeOfNoRequestThatWasLookedAtIsSaved() throws Exception {
        writtenByNoRequest();

        states.clean(look());

        assertThat(states.unowned()).isEmpty();
        assertThat(states.unsaved()).isEmpty();
    }

    /** While what was looked at is on its way to the store, a thread of the application's own writes. */
    @Test
    void writeOfNoRequestBehindALookIsStillNobodys() throws Exception {
        ChangeSet look = look();
        writtenByNoRequest();

        states.clean(look);

        assertThat(states.unowned()).containsExactly(FIELD);
        assertThat(states.unsaved()).containsOnlyKeys(FIELD);
    }

    @Test
    void secondWriteOfNoRequestBehindALookIsStillNobodys() throws Exception {
        writtenByNoRequest();
        ChangeSet look = look();
        writtenByNoRequest();

        states.clean(look);

        assertThat(states.unowned()).containsExactly(FIELD);
        assertThat(states.unsaved()).containsOnlyKeys(FIELD);
    }
}
