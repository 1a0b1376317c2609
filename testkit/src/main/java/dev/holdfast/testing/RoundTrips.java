package dev.holdfast.testing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The round trips over a link: what a connection sent before the server answered anything of it. For many threads. */
final class RoundTrips {
    private final List<Trip> trips = new ArrayList<>();

    /** Those whose commands name something, in the order in which they began. */
    List<String> with(String text) {
        synchronized (trips) {
            return trips.stream()
                    .map(trip -> trip.sent.toString())
                    .filter(sent -> sent.contains(text))
                    .toList();
        }
    }

    /**
     * The longest time in which no round trip of a kind ended that had begun in it.
     *
     * @param text what its commands name
     * @param since by {@link System#nanoTime}; the time before the first such round trip counts, too
     */
    Duration longestPauseOf(String text, long since) {
        long longest = 0;
        long begin = since;
        synchronized (trips) {
            for (Trip trip : trips) {
                if (trip.began - since > 0 && trip.sent.indexOf(text) >= 0 && trip.ended != 0) {
                    longest = Math.max(longest, trip.ended - begin);
                    begin = trip.began;
                }
            }
        }
        return Duration.ofNanos(Math.max(longest, System.nanoTime() - begin));
    }

    private static final class Trip {
        private final StringBuilder sent = new StringBuilder();
        private final long began = System.nanoTime();
        /** When the answer began; 0 before that. */
        private long ended;
    }

    /** Those of one connection. */
    final class Connection {
        private Trip current;

        /** Bytes come from the client. */
        void sent(byte[] bytes, int count) {
            synchronized (trips) {
                if (current == null || current.ended != 0) {
                    current = new Trip();
                    trips.add(current);
                }
                current.sent.append(new String(bytes, 0, count, StandardCharsets.ISO_8859_1));
            }
        }

        /** Bytes come from the server. */
        void answered() {
            synchronized (trips) {
                if (current != null && current.ended == 0) {
                    current.ended = System.nanoTime();
                }
            }
        }
    }
}
