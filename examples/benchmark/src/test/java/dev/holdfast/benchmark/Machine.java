package dev.holdfast.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What all processors of the machine have done since it began, in seconds. All 0 where the system does not say so.
 *
 * @param stolen by other machines of the same host
 */
record Machine(double busy, double stolen) {
    private static final Path STAT = Path.of("/proc/stat");

    /** What a tick of Linux is, whatever it runs on. */
    private static final double TICK = 0.01;

    static Machine now() throws IOException {
        if (!Files.isReadable(STAT)) {
            return new Machine(0, 0);
        }
        // user nice system idle iowait irq softirq steal
        double[] spent = Arrays.stream(Files.readAllLines(STAT).get(0).split(" +"))
                .skip(1)
                .mapToDouble(ticks -> Long.parseLong(ticks) * TICK)
                .toArray();
        return new Machine(spent[0] + spent[1] + spent[2] + spent[5] + spent[6], spent[7]);
    }

    Machine minus(Machine earlier) {
        return new Machine(busy - earlier.busy, stolen - earlier.stolen);
    }
}
