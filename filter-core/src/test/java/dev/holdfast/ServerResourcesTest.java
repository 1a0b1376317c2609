package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class ServerResourcesTest {
    /** An executor never again runs a task that has thrown, and a node without its heartbeat saves nothing any more. */
    @Test
    void errorOfABackgroundTaskIsToldAndDoesNotReachItsExecutor() {
        List<LogRecord> lines = new ArrayList<>();
        Logger logger = Logger.getLogger("dev.holdfast.SharedServer");
        Filter before = logger.getFilter();
        logger.setFilter(line -> {
            lines.add(line);
            return false;
        });
        Error failure = new NoClassDefFoundError("com/shop/Audit");
        try {
            ServerResources.guarded(() -> {
                        throw failure;
                    })
                    .run();
        } finally {
            logger.setFilter(before);
        }

        assertThat(lines).singleElement().satisfies(line -> {
            assertThat(line.getMessage())
                    .isEqualTo("HF-102: A background task of Holdfast failed, it is tried again in a second");
            assertThat(line.getThrown()).isSameAs(failure);
        });
    }
}
