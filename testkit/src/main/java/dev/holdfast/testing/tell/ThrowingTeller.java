package dev.holdfast.testing.tell;

/** Throws at every event in which the word "boom" occurs; stands between two others. */
public final class ThrowingTeller extends Teller {
    public ThrowingTeller() {
        super("throwing");
    }

    @Override
    void heard(String event) {
        if (event.contains("boom")) {
            throw new IllegalStateException("thrown by the listener");
        }
    }
}
