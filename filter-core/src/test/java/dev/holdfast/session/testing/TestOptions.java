package dev.holdfast.session.testing;

import dev.holdfast.session.SessionOptions;
import java.time.Duration;

/** Options with defaults for what most tests do not choose. */
public final class TestOptions {
    private TestOptions() {}

    /** Of an application that is called shop, on a container that does not tell how many threads it has. */
    public static SessionOptions of(
            String route,
            boolean roaming,
            SessionOptions.Conflict conflict,
            boolean oneAtATime,
            SessionOptions.Expiry expiry,
            SessionOptions.Outage outage,
            boolean reseed,
            Duration timeout) {
        return new SessionOptions(
                "shop",
                route,
                roaming,
                conflict,
                oneAtATime,
                expiry,
                outage,
                reseed,
                timeout,
                SessionOptions.Unstorable.byDefault(roaming),
                attribute -> false,
                null,
                () -> SessionOptions.UNKNOWN_THREADS);
    }
}
