package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.codec.policy.LibraryPreset.Kept;
import java.util.stream.Stream;
import org.joda.time.DateTime;
import org.joda.time.DateTimeZone;
import org.joda.time.Days;
import org.joda.time.Duration;
import org.joda.time.Hours;
import org.joda.time.Interval;
import org.joda.time.Minutes;
import org.joda.time.MonthDay;
import org.joda.time.Months;
import org.joda.time.MutableDateTime;
import org.joda.time.Period;
import org.joda.time.Seconds;
import org.joda.time.Weeks;
import org.joda.time.YearMonth;
import org.joda.time.Years;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that Joda-Time makes: its list allows them, and nothing else. */
class JodaTimePresetTest {
    private static final LibraryPreset JODA_TIME = new LibraryPreset(DateTime.class);

    private static final DateTimeZone PARIS = DateTimeZone.forID("Europe/Paris");

    static Stream<Kept> values() {
        DateTime noon = new DateTime(2026, 5, 4, 12, 0, PARIS);
        return Stream.of(
                        noon,
                        noon.withZone(DateTimeZone.UTC),
                        noon.withZone(DateTimeZone.forOffsetHours(-3)),
                        noon.toInstant(),
                        new MutableDateTime(noon),
                        noon.toLocalDate(),
                        noon.toLocalTime(),
                        noon.toLocalDateTime(),
                        new YearMonth(2026, 5),
                        new MonthDay(5, 4),
                        new Duration(90_000),
                        new Interval(noon, noon.plusHours(2)),
                        new Period(1, 2, 3, 4),
                        Period.months(2),
                        Years.years(2),
                        Months.months(2),
                        Weeks.weeks(2),
                        Days.days(100),
                        Hours.hours(2),
                        Minutes.minutes(2),
                        Seconds.seconds(2),
                        PARIS)
                .map(value -> new Kept(value.getClass().getSimpleName() + " " + value, value));
    }

    @ParameterizedTest
    @MethodSource("values")
    void isStoredAndReadAsItWas(Kept kept) throws Exception {
        assertThat(JODA_TIME.again(kept.value())).isEqualTo(kept.value()).hasSameClassAs(kept.value());
    }

    @Test
    void listNamesWhatTheseNeedAndNothingElse() throws Exception {
        assertThat(JODA_TIME.list()).isEqualTo(JODA_TIME.neededFor(values().map(Kept::value)));
    }
}
