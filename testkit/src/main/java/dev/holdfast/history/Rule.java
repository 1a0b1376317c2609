package dev.holdfast.history;

/** One thing that the judge knows about a session. */
interface Rule {
    void check(Life life, Findings findings);
}
