package dev.holdfast.testing.tell;

/** Stands in web.xml, last. */
public final class LastTeller extends Teller {
    public LastTeller() {
        super("last");
    }
}
