package dev.holdfast.history.run;

import java.time.Duration;

/** Something that makes Redis hard to reach, again and again or all the time. */
interface Trouble {
    void begin();

    /** Runs that where it may do most harm, and returns when it is done. */
    default void atWorst(Runnable blow) {
        blow.run();
    }

    /** How long Redis was out of reach at most, so far. */
    default Duration longest() {
        return Duration.ZERO;
    }

    /** All is well when this returns. */
    void end();
}
