package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * The mark of one hand-out of the right to serve a session from memory, and the route of the node that it was handed to.
 *
 * <p>Epochs are equal or not, never older or newer. Its text {@code <mark>.<route>} is the value of the epoch cookie; the route is
 * empty where nobody holds the session (roaming, rule 12 of the protocol).
 */
public record Epoch(String mark, String route) {
    private static final int MAX_ROUTE = 32;

    /** Draws a mark that was never handed out before; an empty route gives an epoch without holder. */
    public static Epoch fresh(String route) {
        return new Epoch(RandomToken.next(), route);
    }

    /**
     * Reads an untrusted text.
     *
     * @return the epoch, or null if the text cannot be one
     */
    public static @Nullable Epoch parse(@Nullable String text) {
        if (text == null || text.length() <= RandomToken.LENGTH || text.length() > RandomToken.LENGTH + 1 + MAX_ROUTE) {
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
        return new Epoch(text.substring(0, RandomToken.LENGTH), text.substring(RandomToken.LENGTH + 1));
    }

    /** Whether a node may ever serve from memory under this epoch. */
    public boolean hasHolder() {
        return !route.isEmpty();
    }

    /** The text in the cookie and in Redis. */
    public String text() {
        return mark + "." + route;
    }
}
