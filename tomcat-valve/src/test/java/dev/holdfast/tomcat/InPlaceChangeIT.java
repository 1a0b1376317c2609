package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.redis.MonitoredCommand;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.catalina.Context;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Values that are changed where they are, without {@code setAttribute}, are in the store before the response leaves.
 */
class InPlaceChangeIT {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes = TwoNodes.start((name, redis) -> new EmbeddedNode(
            name, redis, Map.of("holdfast.classes.allow", "dev.holdfast.tomcat.*"), InPlaceChangeIT::application));

    private static final RedisProcess redis = nodes.redis();
    private static final EmbeddedNode n1 = nodes.n1();
    private static final EmbeddedNode n2 = nodes.n2();

    @BeforeAll
    static void warmUp() {
        // Redis then knows the scripts: the cost of EVAL after NOSCRIPT is paid once in its life.
        Browser warm = new Browser();
        warm.get(n1.uri("/set?kind=LIST"));
        warm.get(n1.uri("/change?kind=LIST"));
        warm.get(n2.uri("/read"));
    }

    /** A class of the application without equals, as most have none. */
    @SuppressWarnings("serial")
    static class Customer implements Serializable {
        String name = "Ada";
        Address address = new Address();
        final List<Order> orders = new ArrayList<>(List.of(new Order()));

        @Override
        public String toString() {
            return name + " of " + address.town + " " + orders;
        }
    }

    @SuppressWarnings("serial")
    static class Address implements Serializable {
        String town = "Paris";
    }

    @SuppressWarnings("serial")
    static class Order implements Serializable {
        final Map<String, int[]> amounts = new HashMap<>(Map.of("tea", new int[] {1}));

        @Override
        public String toString() {
            return "tea " + amounts.get("tea")[0];
        }
    }

    /** What is in the session, and how a request changes it in place. */
    // Its functions have no state; a StringBuilder is what is tested.
    @SuppressWarnings({"ImmutableEnumChecker", "UnnecessaryStringBuilder"})
    enum Kind {
        LIST(() -> new ArrayList<>(List.of("a")), list -> list.add("b")),
        MAP(() -> new LinkedHashMap<>(Map.of("a", 1)), map -> map.put("b", 2)),
        MAP_VALUE(() -> new HashMap<>(Map.of("a", 1)), map -> map.put("a", 2)),
        SET(() -> new LinkedHashSet<>(List.of("a")), set -> set.remove("a")),
        FIELD(Customer::new, customer -> customer.name = "Grace"),
        FIELD_TO_NULL(Customer::new, customer -> customer.name = null),
        NESTED_FIELD(Customer::new, customer -> customer.address.town = "Rome"),
        NESTED_GRAPH(Customer::new, customer -> customer.orders.get(0).amounts.get("tea")[0] = 7),
        NESTED_LIST(Customer::new, customer -> customer.orders.add(new Order())),
        ARRAY_ELEMENT(() -> new String[] {"a", "b"}, array -> array[1] = "c"),
        PRIMITIVE_ARRAY(() -> new long[] {1, 2}, array -> array[0] = 3),
        ARRAY_OF_OBJECTS(() -> new Customer[] {new Customer()}, array -> array[0].name = "Grace"),
        STRING_BUILDER(() -> new StringBuilder("a"), builder -> builder.append("b")),
        COUNTER(() -> new AtomicInteger(1), AtomicInteger::incrementAndGet);

        private final Supplier<?> initial;
        private final Consumer<Object> change;

        @SuppressWarnings("unchecked") // the same value comes back, or its copy
        <T> Kind(Supplier<T> initial, Consumer<T> change) {
            this.initial = initial;
            this.change = value -> change.accept((T) value);
        }

        /** What a page shows of the value. */
        static String text(Object value) {
            return value instanceof long[] longs
                    ? Arrays.toString(longs)
                    : value instanceof Object[] array ? Arrays.toString(array) : String.valueOf(value);
        }

        String before() {
            return text(initial.get());
        }

        String after() {
            Object value = initial.get();
            change.accept(value);
            return text(value);
        }
    }

    private static void application(Context context) {
        Page.add(context, "/set", (request, response) -> {
            Kind kind = Kind.valueOf(request.getParameter("kind"));
            request.getSession().setAttribute("value", kind.initial.get());
        });
        Page.add(context, "/change", (request, response) -> {
            Kind kind = Kind.valueOf(request.getParameter("kind"));
            kind.change.accept(request.getSession().getAttribute("value"));
        });
        Page.add(
                context,
                "/read",
                (request, response) -> response.getWriter()
                        .print(Kind.text(request.getSession().getAttribute("value"))));
    }

    @ParameterizedTest
    @EnumSource
    void changeInPlaceIsReadOnTheOtherNode(Kind kind) {
        assertThat(kind.after()).isNotEqualTo(kind.before());
        Browser browser = new Browser();
        browser.get(n1.uri("/set?kind=" + kind));

        List<String> names = commands(browser, () -> ok(browser.get(n1.uri("/change?kind=" + kind))));

        assertThat(names).containsExactly("commit.lua");
        assertThat(ok(browser.get(n2.uri("/read"))).body()).isEqualTo(kind.after());
    }

    @ParameterizedTest
    @EnumSource
    void changeInPlaceOfALoadedValueIsReadOnTheFirstNode(Kind kind) {
        Browser browser = new Browser();
        browser.get(n1.uri("/set?kind=" + kind));

        ok(browser.get(n2.uri("/change?kind=" + kind)));

        assertThat(ok(browser.get(n1.uri("/read"))).body()).isEqualTo(kind.after());
    }

    @ParameterizedTest
    @EnumSource
    void unchangedReadWritesNothing(Kind kind) {
        Browser browser = new Browser();
        browser.get(n1.uri("/set?kind=" + kind));

        List<String> byTheMaker = commands(browser, () -> ok(browser.get(n1.uri("/read"))));
        List<String> afterALoad = commands(browser, () -> {
            ok(browser.get(n2.uri("/read"))); // takes over
            ok(browser.get(n2.uri("/read"))); // confirms
            assertThat(ok(browser.get(n2.uri("/read"))).body()).isEqualTo(kind.before());
        });

        assertThat(byTheMaker).isEmpty();
        assertThat(afterALoad).containsExactly("load.lua", "hgetall", "load.lua");
    }

    private static Answer ok(Answer response) {
        assertThat(response.status()).isEqualTo(200);
        return response;
    }

    /** The commands with the session's key, without the touches that come whenever a second is over. */
    private static List<String> commands(Browser browser, Runnable requests) {
        String id = browser.cookies().get("JSESSIONID");
        return MonitoredCommand.of(redis.monitor(requests)).stream()
                .filter(command -> command.isOf(id))
                .map(MonitoredCommand::name)
                .filter(name -> !name.equals("touch.lua"))
                .toList();
    }
}
