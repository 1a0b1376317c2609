package dev.holdfast.history.run;

import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.atomic.LongAdder;

/** Counts what the browsers' record does not tell. For many threads. */
final class Tally {
    final LongAdder takeovers = new LongAdder();
    final LongAdder bursts = new LongAdder();
    final LongAdder redispatched = new LongAdder();

    /** Requests that came to a process which had taken a node's name. */
    final LongAdder succeeded = new LongAdder();

    private final Map<Fault, LongAdder> faults = new EnumMap<>(Fault.class);

    Tally() {
        for (Fault fault : Fault.values()) {
            faults.put(fault, new LongAdder());
        }
    }

    void count(Fault fault) {
        faults.get(fault).increment();
    }

    long of(Fault fault) {
        return faults.get(fault).sum();
    }

    String faults() {
        StringJoiner text = new StringJoiner(", ");
        faults.forEach((fault, count) -> {
            if (count.sum() > 0) {
                text.add(fault + " " + count);
            }
        });
        return text.toString();
    }
}
