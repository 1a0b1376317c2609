package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.testing.LoggedLines;
import dev.holdfast.session.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A warning that a thousand requests cause is one line a minute. */
class RateLimitedLogTest {
    private final Logger logger = Logger.getLogger("dev.holdfast.session");

    @RegisterExtension
    final LoggedLines logged = new LoggedLines();

    private final ManualTicker ticker = new ManualTicker();
    private final RateLimitedLog log = new RateLimitedLog(ticker);

    @BeforeEach
    void logQuietly() {
        logger.setUseParentHandlers(false);
        logger.setLevel(Level.INFO);
    }

    @AfterEach
    void logAgain() {
        logger.setUseParentHandlers(true);
        logger.setLevel(null);
    }

    @Test
    void firstWarningOfACodeIsLoggedBehindIt() {
        log.warn("HF-1", () -> "Something failed.", null);

        assertThat(messages()).containsExactly("HF-1: Something failed.");
    }

    @Test
    void repeatedWarningIsLoggedOnceAMinuteWithTheNumberLeftOut() {
        for (int i = 0; i < 4; i++) {
            log.warn("HF-1", () -> "Something failed.", null);
        }
        ticker.advance(Duration.ofMinutes(1));
        log.warn("HF-1", () -> "Something failed.", null);
        ticker.advance(Duration.ofMinutes(1));
        log.warn("HF-1", () -> "Something failed.", null);

        assertThat(messages())
                .containsExactly(
                        "HF-1: Something failed.",
                        "HF-1: Something failed. (3 more like this since the last line)",
                        "HF-1: Something failed.");
    }

    @Test
    void codesAreCountedApart() {
        log.warn("HF-1", () -> "One.", null);
        log.warn("HF-2", () -> "Two.", null);

        assertThat(messages()).containsExactly("HF-1: One.", "HF-2: Two.");
    }

    @Test
    void messageThatIsLeftOutIsNotEvenMade() {
        log.warn("HF-1", () -> "One.", null);

        log.warn(
                "HF-1",
                () -> {
                    throw new AssertionError("made");
                },
                null);

        assertThat(messages()).hasSize(1);
    }

    /** Code of the application, of the JDK or of a library writes what it likes into the text of an exception. */
    @Test
    void failureIsSaidByItsKindAndPlaceAndNeverByItsText() {
        IllegalStateException cause = new IllegalStateException("of 4111-1111", new ArithmeticException("4111-1111"));

        log.warn("HF-1", () -> "One.", cause);
        log.warn("HF-2", () -> "Two.", new StoreUnavailableException("down", false, null));
        log.warn("HF-3", () -> "Three.", new UnreadableAttributeException("said", cause));

        String here =
                getClass().getName() + ".failureIsSaidByItsKindAndPlaceAndNeverByItsText(RateLimitedLogTest.java:";
        assertThat(messages())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("HF-1: One. [java.lang.IllegalStateException at " + here)
                                .contains("; caused by java.lang.ArithmeticException at " + here)
                                .endsWith("]"),
                        line -> assertThat(line).isEqualTo("HF-2: Two."),
                        line -> assertThat(line).startsWith("HF-3: Three. [java.lang.IllegalStateException at "));
        assertThat(messages()).noneMatch(line -> line.contains("4111"));
        assertThat(logged.records()).extracting(LogRecord::getThrown).containsOnlyNulls();
    }

    @Test
    void causesThatCauseEachOtherAreSaidInPart() {
        Exception one = new Exception();
        Exception other = new Exception(one);
        one.initCause(other);

        log.warn("HF-1", () -> "One.", one);

        assertThat(messages())
                .singleElement()
                .asString()
                .contains("; caused by ")
                .hasSizeLessThan(20_000);
    }

    private List<String> messages() {
        return logged.records().stream().map(LogRecord::getMessage).toList();
    }
}
