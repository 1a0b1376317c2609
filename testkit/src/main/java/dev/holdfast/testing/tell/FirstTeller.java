package dev.holdfast.testing.tell;

/** Stands in web.xml, first. */
public final class FirstTeller extends Teller {
    public FirstTeller() {
        super("first");
    }
}
