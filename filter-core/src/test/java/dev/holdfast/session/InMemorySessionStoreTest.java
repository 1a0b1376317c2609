package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.InMemorySessionStore.Fault;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The fake keeps the contract, and fails as told. */
class InMemorySessionStoreTest extends SessionStoreContract {
    private final InMemorySessionStore store = new InMemorySessionStore();

    @Override
    protected SessionStore store() {
        return store;
    }

    @Override
    protected int keys() {
        return store.keys();
    }

    @Override
    protected void letLeaseRunOut() {
        store.advance(Lifetimes.LEASE.plusMillis(1));
    }

    @Test
    void commitWhoseReplyWasLostIsApplied() {
        StateVersion base = created();
        store.failNext(Fault.AFTER);

        assertThatThrownBy(() -> commit(base, RandomToken.next(), epoch, Map.of("a:x", bytes("2")), Set.of()))
                .isInstanceOfSatisfying(
                        StoreUnavailableException.class,
                        e -> assertThat(e.maybeApplied()).isTrue());
        assertThat(text(load(epoch, null).snapshot(), "a:x")).isEqualTo("2");
    }

    @Test
    void lateCommitIsExecutedWhenTold() {
        StateVersion base = created();
        store.failNext(Fault.LATE);
        assertThatThrownBy(() -> commit(base, RandomToken.next(), epoch, Map.of("a:x", bytes("2")), Set.of()))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(text(load(epoch, null).snapshot(), "a:x")).isEqualTo("1");

        store.runLate();

        assertThat(text(load(epoch, null).snapshot(), "a:x")).isEqualTo("2");
    }

    @Test
    void repeatedCommitSaysSo() {
        StateVersion base = created();
        store.failNext(Fault.REPEATED);

        assertThat(commit(base, RandomToken.next(), epoch, Map.of(), Set.of()).repeated())
                .isTrue();
    }

    @Test
    void imageBringsAnOlderStateBack() {
        StateVersion base = created();
        InMemorySessionStore.Image image = store.image();
        commit(base, RandomToken.next(), epoch, Map.of("a:x", bytes("2")), Set.of());

        store.restore(image);

        assertThat(load(epoch, null).snapshot().base()).isEqualTo(base);
    }
}
