package dev.holdfast.session;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The mark of one hand-out of the right to serve a session from memory, and its owner: whom it was handed to.
 *
 * <p>Epochs are equal or not, never older or newer. Its text {@code <mark>.<owner>} is the value of the epoch cookie.
 * One is read for each request that carries it, and one is held for each session: so it is that text and nothing else.
 * The owner is one run of the application on one node, and never another one of the same name: a node that was paused
 * and its successor, or two versions of an application side by side, would take each other's marks for their own. It is
 * empty where nobody holds the session (roaming, rule 12 of the protocol).
 *
 * @param text as in the cookie and in Redis: the mark, a dot, and the owner as {@link #ownerOf} makes it, or nothing
 */
public record Epoch(String text) {
    /** Longer than any that this version makes: it reads those of the next one, too. */
    static final int MAX_OWNER = 32;

    /** So many characters of the route, for people who read Redis and cookies; what counts stands behind them. */
    private static final int SHOWN = 12;

    private static final int HASH_BYTES = 6;
    private static final int HASH = 8;

    /** Draws a mark that was never handed out before; an empty owner gives an epoch without holder. */
    public static Epoch fresh(String owner) {
        return new Epoch(RandomToken.next() + "." + owner);
    }

    /**
     * The owner that epochs of an incarnation name: the beginning of its route and 48 bits of a hash of the
     * incarnation. So the owners of two incarnations are never equal but by an accident of one in 2^48.
     *
     * @param incarnation see {@link LiveNode}
     */
    public static String ownerOf(String route, String incarnation) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(incarnation.getBytes(StandardCharsets.UTF_8));
            String hash = Base64.getUrlEncoder().encodeToString(Arrays.copyOf(digest, HASH_BYTES));
            return route.substring(0, Math.min(SHOWN, route.length())) + "_" + hash;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /**
     * Reads an untrusted text.
     *
     * @return the epoch, or null if the text cannot be one
     */
    public static @Nullable Epoch parse(@Nullable String text) {
        if (text == null || text.length() <= RandomToken.LENGTH || text.length() > RandomToken.LENGTH + 1 + MAX_OWNER) {
            return null;
        }
        if (text.charAt(RandomToken.LENGTH) != '.') {
            return null;
        }
        for (int i = 0; i < text.length(); i++) {
            if (i != RandomToken.LENGTH && !RandomToken.isTokenCharacter(text.charAt(i))) {
                return null;
            }
        }
        return new Epoch(text);
    }

    /** Whether a node may ever serve from memory under this epoch. */
    public boolean hasHolder() {
        return text.length() > RandomToken.LENGTH + 1;
    }

    /** Whom it was handed to; empty if nobody holds the session. */
    public String owner() {
        return text.substring(RandomToken.LENGTH + 1);
    }

    /** The owner's route as far as the owner has it, for messages; it decides nothing. Empty if there is no owner. */
    public String route() {
        return routeOf(owner());
    }

    /** As {@link #route}, of an owner, which may be untrusted text. */
    static String routeOf(String owner) {
        int hash = owner.length() - HASH - 1;
        return hash > 0 && owner.charAt(hash) == '_' ? owner.substring(0, hash) : owner;
    }
}
