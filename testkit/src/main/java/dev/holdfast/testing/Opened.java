package dev.holdfast.testing;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What a test has opened, which is closed after it, the last one first. The test has it in a field with
 * {@code @RegisterExtension}, not a static one.
 */
public final class Opened implements AfterEachCallback {
    private final Deque<AutoCloseable> all = new ArrayDeque<>();

    /** From now on it is among them. */
    public <T extends AutoCloseable> T keep(T each) {
        all.push(each);
        return each;
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        close();
    }

    /** Closes all there is so far. */
    public void close() throws Exception {
        while (!all.isEmpty()) {
            all.pop().close();
        }
    }
}
