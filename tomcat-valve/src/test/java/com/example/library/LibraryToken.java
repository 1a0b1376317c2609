package com.example.library;

import java.io.Serializable;

/** A value as a library has them: neither in the web application's own classes nor in one of its packages. */
@SuppressWarnings("serial")
public final class LibraryToken implements Serializable {
    private final String text;

    public LibraryToken(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
