package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.codec.policy.LibraryPreset.Kept;
import dev.holdfast.session.UnencodableAttributeException;
import java.lang.reflect.Constructor;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.primefaces.PrimeFaces;
import org.primefaces.application.exceptionhandler.ExceptionInfo;
import org.primefaces.component.accordionpanel.AccordionState;
import org.primefaces.component.datagrid.DataGridState;
import org.primefaces.component.datalist.DataListState;
import org.primefaces.component.datatable.DataTableState;
import org.primefaces.component.dataview.DataViewState;
import org.primefaces.component.lifecycle.PhaseInfo;
import org.primefaces.component.panel.PanelState;
import org.primefaces.component.tabview.TabViewState;
import org.primefaces.model.FilterMeta;
import org.primefaces.util.LimitedSizeHashMap;

/** What PrimeFaces puts into a session: its list allows it, and nothing else. */
class PrimeFacesPresetTest {
    private static final LibraryPreset PRIMEFACES = LibraryPreset.of(LimitedSizeHashMap.class);

    static Stream<Kept> values() throws Exception {
        return Stream.of(
                new Kept("why the last page failed", failure()),
                new Kept("by windows", failures()),
                new Kept("phases of the lifecycle", Map.of("/cart.xhtml", new LinkedHashMap<>(Map.of(1, phase())))),
                new Kept("multi view state", multiViewState(accordion(), new DataGridState(), new DataListState())),
                new Kept("and more of it", multiViewState(new DataViewState(), new PanelState(), new TabViewState())));
    }

    private static ExceptionInfo failure() {
        Exception exception = new IllegalStateException("No tea is left.");
        ExceptionInfo info = new ExceptionInfo();
        info.setException(exception);
        info.setType(exception.getClass().getName());
        info.setMessage(exception.getMessage());
        info.setStackTrace(exception.getStackTrace());
        info.setFormattedStackTrace("at …");
        info.setTimestamp(LocalDateTime.of(2026, 11, 30, 12, 0));
        info.setFormattedTimestamp("noon");
        return info;
    }

    private static Map<String, ExceptionInfo> failures() {
        Map<String, ExceptionInfo> failures = new LimitedSizeHashMap<>(2);
        failures.put("window", failure());
        return failures;
    }

    private static PhaseInfo phase() {
        PhaseInfo phase = new PhaseInfo();
        phase.setPhase(1);
        phase.setStart(2);
        return phase;
    }

    private static AccordionState accordion() {
        AccordionState state = new AccordionState();
        state.setActiveIndex("1");
        return state;
    }

    /** As {@code PrimeFaces.current().multiViewState()} keeps it: by windows, then by views and components. */
    private static Map<String, Map<Object, Object>> multiViewState(Object... states) throws Exception {
        Constructor<?> key = Stream.of(PrimeFaces.class.getDeclaredClasses())
                .filter(type -> type.getSimpleName().equals("MVSKey"))
                .findFirst()
                .orElseThrow()
                .getDeclaredConstructor(String.class, String.class);
        key.setAccessible(true);
        Map<Object, Object> components = new ConcurrentHashMap<>();
        for (Object state : states) {
            components.put(key.newInstance("/cart.xhtml", state.getClass().getSimpleName()), state);
        }
        return new ConcurrentHashMap<>(Map.of("session", components));
    }

    @ParameterizedTest
    @MethodSource("values")
    void isStoredAndReadAsItWas(Kept kept) throws Exception {
        assertThat(PRIMEFACES.again(kept.value()))
                .usingRecursiveComparison()
                .withEqualsForType(Object::equals, StackTraceElement.class)
                .withEqualsForType(PrimeFacesPresetTest::areAlike, IllegalStateException.class)
                .isEqualTo(kept.value());
    }

    private static boolean areAlike(Throwable one, Throwable other) {
        return one.toString().equals(other.toString()) && Arrays.equals(one.getStackTrace(), other.getStackTrace());
    }

    @Test
    void mapIsStillLimitedWhenItIsReadBack() throws Exception {
        @SuppressWarnings("unchecked") // as it was stored
        Map<String, ExceptionInfo> read = (Map<String, ExceptionInfo>) PRIMEFACES.again(failures());

        List.of("b", "c").forEach(window -> read.put(window, failure()));

        assertThat(read).containsOnlyKeys("b", "c");
    }

    @Test
    void listNamesWhatTheseNeedAndNothingElse() throws Exception {
        assertThat(PRIMEFACES.list()).isEqualTo(PRIMEFACES.neededFor(values().map(Kept::value)));
    }

    /** A filter has expressions, and what a column's field names becomes part of one. */
    @Test
    void stateOfTablesIsNotKnown() {
        DataTableState state = new DataTableState();
        state.setFilterBy(new HashMap<>(Map.of("name", new FilterMeta())));

        assertThatThrownBy(() -> PRIMEFACES.codec().encode("a", state))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessageContaining("org.primefaces.component.datatable.DataTableState");
    }
}
