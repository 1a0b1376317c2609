package com.example.shop;

/** Something that an application begins by making one: a connection, a thread. */
public final class Started {
    /** Begins it. */
    public Started() {
        System.setProperty(Alarm.RUNG, "yes");
    }

    /** Has a field of that type, which is empty. */
    static final class Holder {
        Started started;
    }
}
