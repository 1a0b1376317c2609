package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.tomcat.Visitor.Held;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What users of other session stores suffered from when they changed objects that were in the session already. Each
 * test names the threads that it replays, as {@code owner/repository#number} on GitHub.
 *
 * <p>Told by other tests: {@code user.setName()} without {@code setAttribute} is lost, the most frequent question of
 * all trackers (redisson/redisson#1222, #3172, #2476, spring-projects/spring-session#177, #311, #584, #921 and many
 * more): {@link InPlaceChangeIT}. Modes that always save cost (redisson/redisson#1302):
 * {@link InPlaceChangeIT#unchangedReadWritesNothing}; and lose updates: {@link
 * PeersLostUpdatesIT#requestThatChangedNothingWritesNothingBack}.
 */
class PeersInPlaceIT {
    @RegisterExtension
    static final PeersSite site = new PeersSite(
            RedisProcess.start(), Map.of("holdfast.classes.allow", "dev.holdfast.tomcat.*"), (node, context) -> {});

    private static final EmbeddedNode n1 = site.n1;
    private static final EmbeddedNode n2 = site.n2;

    private final Visitor visitor = site.visitor();

    @BeforeEach
    void calm() {
        Intruder.meanwhile.set(list -> {});
    }

    // ---- a collection that changes while it is saved

    /**
     * An element that lets a test do what another thread may do at the worst moment: while the list that it is in is
     * written.
     */
    @SuppressWarnings("serial")
    static final class Intruder implements Serializable {
        static final AtomicReference<Consumer<List<Object>>> meanwhile = new AtomicReference<>();

        private final transient List<Object> list;

        Intruder(List<Object> list) {
            this.list = list;
        }

        private void writeObject(ObjectOutputStream out) throws IOException {
            out.defaultWriteObject();
            if (list != null) {
                meanwhile.get().accept(list);
            }
        }

        @Override
        public String toString() {
            return "intruder";
        }
    }

    private static void listWithIntruder(HttpSession session) {
        List<Object> list = new ArrayList<>();
        list.add(new Intruder(list));
        list.add("last");
        session.setAttribute("list", list);
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(HttpSession session) {
        return (List<Object>) session.getAttribute("list");
    }

    /** redisson/redisson#5677, #5755: ConcurrentModificationException, and the session is lost. */
    @Test
    void listThatAnotherThreadChangesWhileItIsSavedIsSavedWhole() {
        visitor.change(n1, PeersInPlaceIT::listWithIntruder);
        AtomicInteger saves = new AtomicInteger();
        Intruder.meanwhile.set(list -> {
            if (saves.getAndIncrement() == 0) {
                list.add("from another thread");
            }
        });

        visitor.change(n1, session -> list(session).add("from this request"));

        assertThat(saves).hasValueGreaterThan(1);
        assertThat(visitor.read(n2, PeersInPlaceIT::list))
                .isEqualTo("[intruder, last, from this request, from another thread]");
    }

    /** The same threads: a value that never stands still costs the request that wants to save it, never the session. */
    @Test
    void listThatChangesEachTimeItIsSavedCostsTheRequestAndNotTheSession() {
        visitor.change(n1, session -> {
            listWithIntruder(session);
            session.setAttribute("name", "before");
        });
        String id = visitor.id();
        Intruder.meanwhile.set(list -> list.add("more"));

        Answer refused = visitor.send(n1, (request, response) -> {
            request.getSession().setAttribute("name", "after");
            list(request.getSession()).add("from this request");
        });
        calm();

        assertThat(refused.status()).isEqualTo(503);
        assertThat(visitor.read(n1, session -> session.getAttribute("name") + " " + list(session)))
                .isEqualTo("before [intruder, last]");
        visitor.change(n1, session -> list(session).add("again"));
        assertThat(visitor.read(n2, PeersInPlaceIT::list)).isEqualTo("[intruder, last, again]");
        assertThat(visitor.id()).isEqualTo(id);
    }

    /** The same threads, as they happen: many requests of one browser that change one map and one list. */
    @Test
    void parallelRequestsThatChangeTheSameCollectionsLoseNothingThatWasAcknowledged() throws Exception {
        int browsers = 4;
        int requests = 40;
        visitor.change(n1, session -> {
            session.setAttribute("map", new HashMap<>(Map.of("first", "x")));
            session.setAttribute("list", new ArrayList<>(List.of("first")));
        });
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();

        List<Callable<Integer>> shoppers = new ArrayList<>();
        for (int browser = 0; browser < browsers; browser++) {
            Visitor shopper = visitor.copy();
            String name = "b" + browser + "-";
            shoppers.add(() -> {
                int refused = 0;
                for (int i = 0; i < requests; i++) {
                    String item = name + i;
                    int status = shopper.send(n1, (request, response) -> put(request.getSession(), item))
                            .status();
                    assertThat(status).isIn(200, 503);
                    if (status == 200) {
                        acknowledged.add(item);
                    } else {
                        refused++;
                    }
                }
                return refused;
            });
        }
        int refused = sum(shoppers);

        System.out.println("Parallel changes of one map and one list: " + acknowledged.size() + " kept, " + refused
                + " refused of " + browsers * requests);
        assertThat(acknowledged).hasSizeGreaterThan(browsers * requests / 2);
        assertThat(visitor.read(n2, session -> missing(session, acknowledged))).isEqualTo("[]");
    }

    private static int sum(Collection<Callable<Integer>> tasks) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            int sum = 0;
            for (Future<Integer> number : threads.invokeAll(tasks)) {
                sum += number.get();
            }
            return sum;
        } finally {
            threads.shutdownNow();
        }
    }

    /** The application guards its collections, as it must in any container; the store does not know its lock. */
    @SuppressWarnings("unchecked")
    private static void put(HttpSession session, String item) {
        synchronized (PeersInPlaceIT.class) {
            ((Map<String, String>) session.getAttribute("map")).put(item, "x");
            ((List<String>) session.getAttribute("list")).add(item);
        }
    }

    private static List<String> missing(HttpSession session, Set<String> items) {
        Map<?, ?> map = (Map<?, ?>) session.getAttribute("map");
        List<?> list = (List<?>) session.getAttribute("list");
        return items.stream()
                .filter(item -> !map.containsKey(item) || !list.contains(item))
                .toList();
    }

    // ---- one object

    /** redisson/redisson#1868, #2194: two calls of getAttribute, two objects; JSF, Web Flow and Grails break. */
    @Test
    void attributeIsOneObjectForAsLongAsANodeHoldsTheSession() {
        visitor.change(n1, session -> session.setAttribute("list", new ArrayList<>(List.of("a"))));

        List<Object> seen = new ArrayList<>();
        visitor.change(n1, session -> {
            seen.add(session.getAttribute("list"));
            list(session).add("b");
            seen.add(session.getAttribute("list"));
        });
        Held parallel = visitor.hold(n1, session -> seen.add(session.getAttribute("list")), session -> "ok");
        visitor.change(n1, session -> seen.add(session.getAttribute("list")));
        parallel.letGo();

        assertThat(seen).hasSize(4).allMatch(list -> list == seen.get(0));
        seen.clear();
        visitor.change(
                n2,
                session -> { // takes over
                    seen.add(session.getAttribute("list"));
                    seen.add(session.getAttribute("list"));
                });
        visitor.change(n2, session -> seen.add(session.getAttribute("list"))); // asks Redis, which knows nothing newer
        visitor.change(n2, session -> seen.add(session.getAttribute("list"))); // from memory
        assertThat(seen).hasSize(4).allMatch(list -> list == seen.get(0));
    }
}
