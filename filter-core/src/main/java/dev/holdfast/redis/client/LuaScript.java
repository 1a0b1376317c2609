package dev.holdfast.redis.client;

/** A script as Redis gets it: by its SHA-1, and with its text where it is not known yet. */
public interface LuaScript {
    String text();

    String sha();

    /** Whether it has changed something wherever it says OK, so that this shows that changes are taken. */
    boolean isChange();
}
