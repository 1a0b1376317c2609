package dev.holdfast.session;

import dev.holdfast.session.testing.InMemorySessionStore;

/** The contract on the store in memory. */
class InMemorySettleStoreTest extends SettleStoreContract {
    private final InMemorySessionStore store = new InMemorySessionStore();

    @Override
    protected SessionStore store() {
        return store;
    }
}
