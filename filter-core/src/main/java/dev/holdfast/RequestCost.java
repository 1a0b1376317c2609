package dev.holdfast;

/** To whom a request says what its sessions have cost; what it says, {@code RequestScope.cost} has. */
public enum RequestCost {
    /** To nobody. */
    NONE,
    /** To the access log, by an attribute. */
    LOG,
    /** To the client, too, by a header. */
    HEADER;

    /** Of the request; its text is what is said, whenever that is asked for. */
    public static final String ATTRIBUTE = "dev.holdfast.cost";

    /** Of the answer: what is known when its head leaves. */
    public static final String HEADER_NAME = "Holdfast-Cost";

    public boolean isLogged() {
        return this != NONE;
    }

    public boolean isInHeader() {
        return this == HEADER;
    }
}
