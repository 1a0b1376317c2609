package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.codec.policy.LibraryPreset.Kept;
import dev.holdfast.session.UnencodableAttributeException;
import java.lang.reflect.Constructor;
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

/** What PrimeFaces puts into a session: its list allows it, and nothing else. */
class PrimeFacesPresetTest {
    private static final LibraryPreset PRIMEFACES = LibraryPreset.of(PrimeFaces.class);

    static Stream<Kept> values() throws Exception {
        return Stream.of(
                new Kept("phases of the lifecycle", Map.of("/cart.xhtml", new LinkedHashMap<>(Map.of(1, phase())))),
                new Kept("multi view state", multiViewState(accordion(), new DataGridState(), new DataListState())),
                new Kept("and more of it", multiViewState(new DataViewState(), new PanelState(), new TabViewState())));
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
        assertThat(PRIMEFACES.again(kept.value())).usingRecursiveComparison().isEqualTo(kept.value());
    }

    @Test
    void listNamesWhatTheseNeedAndNothingElse() throws Exception {
        assertThat(PRIMEFACES.list()).isEqualTo(PRIMEFACES.neededFor(values().map(Kept::value)));
    }

    /** They have expressions, or HTML. */
    static Stream<Object> leftOut() {
        return Stream.of(new FilterMeta(), new DataTableState(), new ExceptionInfo());
    }

    @ParameterizedTest
    @MethodSource("leftOut")
    void whatPrimeFacesEvaluatesOrShowsAsItIsIsNotKnown(Object value) {
        String name = value.getClass().getName();

        assertThatThrownBy(() -> PRIMEFACES.codec().encode("a", value))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessageContaining(name + ", which the class policy does not allow");
        assertThat(FrameworkDocs.caution(List.of(name))).endsWith("docs/frameworks.md#primefaces.");
    }
}
