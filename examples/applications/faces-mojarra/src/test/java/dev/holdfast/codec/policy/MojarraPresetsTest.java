package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.faces.context.SessionMap;
import com.sun.faces.util.LRUMap;
import dev.holdfast.codec.policy.LibraryPreset.Kept;
import jakarta.servlet.http.HttpSession;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jboss.weld.contexts.beanstore.LockStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Mojarra and Weld keep in a session beside beans and pages: the presets allow it, and nothing else. */
class MojarraPresetsTest {
    private static final LibraryPreset MOJARRA = LibraryPreset.of("com.sun.faces.");
    private static final LibraryPreset WELD = LibraryPreset.of("org.jboss.weld.");

    static List<Kept> all() {
        List<Object> set = new ArrayList<>();
        HttpSession session = (HttpSession) Proxy.newProxyInstance(
                MojarraPresetsTest.class.getClassLoader(),
                new Class<?>[] {HttpSession.class},
                (proxy, method, arguments) -> {
                    set.add(arguments[1]);
                    return null;
                });
        SessionMap.createMutex(session);
        LRUMap<String, String> map = new LRUMap<>(2);
        map.putAll(Map.of("a", "b"));
        return List.of(new Kept("mutex", set.get(0)), new Kept("map", map));
    }

    @ParameterizedTest
    @MethodSource("all")
    void isStoredAndReadAsWhatItWas(Kept kept) throws Exception {
        assertThat(MOJARRA.again(kept.value())).hasSameClassAs(kept.value());
    }

    @Test
    void mapIsStillLimitedWhenItIsReadBack() throws Exception {
        LRUMap<String, String> map = new LRUMap<>(2);
        map.put("a", "a");

        @SuppressWarnings("unchecked") // as it was stored
        Map<String, String> read = (Map<String, String>) MOJARRA.again(map);

        assertThat(read).isEqualTo(map);
        List.of("b", "c").forEach(key -> read.put(key, key));
        assertThat(read).containsOnlyKeys("b", "c");
    }

    @Test
    void locksOfWeldAreNewOnesWhereTheyAreRead() throws Exception {
        assertThat(WELD.again(new LockStore())).isInstanceOf(LockStore.class);
        assertThat(WELD.list()).isEqualTo(WELD.neededFor(List.of(new LockStore()).stream()));
    }

    /** A name that no version of the framework stores any more has no business in a list. */
    @Test
    void presetNamesTheseAndNothingElse() throws Exception {
        assertThat(MOJARRA.list()).isEqualTo(MOJARRA.neededFor(all().stream().map(Kept::value)));
    }
}
