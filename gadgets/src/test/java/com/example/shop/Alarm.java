package com.example.shop;

import java.io.Serializable;

/** A bean of the application whose getter tells, for all class loaders of the JVM, that it was called. */
@SuppressWarnings("serial")
public final class Alarm implements Serializable {
    /** The system property that is set. */
    public static final String RUNG = "com.example.shop.rung";

    /** Tells that code of a payload ran. */
    public String getRung() {
        System.setProperty(RUNG, "yes");
        return "rung";
    }
}
