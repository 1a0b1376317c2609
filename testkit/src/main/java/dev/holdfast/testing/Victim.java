package dev.holdfast.testing;

/** A node whose work ends in the middle of a request. */
public interface Victim {
    HttpNode node();

    /** From now on nothing reaches Redis that the node does. Returns at once. */
    void endNow();

    /** Waits until that is so for what was done before, too. */
    void awaitEnd();

    /** Its work has been looked at: it may go on. */
    void revive();

    /** One of a pool, killed as {@code kill -9} does. */
    static Victim killed(NodePool pool) {
        ContainerProcess process = pool.take();
        return new Victim() {
            @Override
            public HttpNode node() {
                return process;
            }

            @Override
            public void endNow() {
                process.killNow();
            }

            @Override
            public void awaitEnd() {
                process.awaitDeath();
            }

            @Override
            public void revive() {
                pool.revive(process);
            }
        };
    }
}
