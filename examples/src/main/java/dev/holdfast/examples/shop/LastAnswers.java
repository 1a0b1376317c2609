package dev.holdfast.examples.shop;

import jakarta.servlet.ServletContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When this process last answered each session, in milliseconds of the machine's clock. Whoever has the lists of all
 * nodes knows which of them answered a session last. Thread-safe; one per web application.
 */
final class LastAnswers {

    private static final String ATTRIBUTE = LastAnswers.class.getName();
    private static final int FINGERPRINT_BYTES = 8;

    private final Map<String, Long> times = new ConcurrentHashMap<>();

    /** The one of this application; {@link LastAnswersListener} has put it there. */
    static LastAnswers of(ServletContext context) {
        if (context.getAttribute(ATTRIBUTE) instanceof LastAnswers answers) {
            return answers;
        }
        throw new IllegalStateException("web.xml lacks the listener " + LastAnswersListener.class.getName());
    }

    void publish(ServletContext context) {
        context.setAttribute(ATTRIBUTE, this);
    }

    void answered(String sessionId) {
        times.put(fingerprint(sessionId), System.currentTimeMillis());
    }

    void ended(String sessionId) {
        times.remove(fingerprint(sessionId));
    }

    /** A copy; the keys are digests, because ids of sessions are credentials. */
    Map<String, Long> byFingerprint() {
        return Map.copyOf(times);
    }

    private static String fingerprint(String sessionId) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(sessionId.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
