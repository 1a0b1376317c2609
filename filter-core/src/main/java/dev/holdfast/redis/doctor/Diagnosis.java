package dev.holdfast.redis.doctor;

import java.util.ArrayList;
import java.util.List;

/**
 * What was seen of Redis.
 *
 * @param servers a line for each primary
 * @param findings what users would feel, and what to do, each with its code; empty if all is well
 */
public record Diagnosis(List<String> servers, List<String> findings) {
    public Diagnosis {
        servers = List.copyOf(servers);
        findings = List.copyOf(findings);
    }

    /** All lines, findings first. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>(findings);
        lines.addAll(servers);
        return lines;
    }
}
