package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.DamageWays.Hits;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The damage table: whatever is damaged in Redis, a browser sees the right value or begins anew, once; it is never
 * answered 503 twice in a row, and never sees a wrong value. The same for all containers. Prints how many ways ended
 * how.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class DamageContract {
    private static final Duration SETTLING = Duration.ofSeconds(60);

    private final Map<Hits, Tally> tallies = new EnumMap<>(Hits.class);
    private RedisProcess redis;
    private HttpNode n1;
    private HttpNode n2;

    /** Starts a node with an application {@code shop} at {@code /shop} that has {@link Notes} at {@code /notes}. */
    protected abstract HttpNode start(String name, URI redis);

    protected abstract void stopNodes();

    /** Shows, begins and changes a session. */
    @SuppressWarnings("serial") // never serialized
    public static final class Notes extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            HttpSession session = request.getSession(request.getParameter("begin") != null);
            if (session == null) {
                response.getWriter().print("none");
                return;
            }
            if (request.getParameter("begin") != null) {
                session.setAttribute("note", request.getParameter("begin"));
                session.setAttribute("count", 0);
            }
            if (request.getParameter("count") != null) {
                session.setAttribute("count", (Integer) session.getAttribute("count") + 1);
            }
            response.getWriter().print(session.getAttribute("note") + " " + session.getAttribute("count"));
        }
    }

    @BeforeAll
    void startAll() {
        redis = RedisProcess.start().unaudited();
        n1 = start("n1", redis.uri());
        n2 = start("n2", redis.uri());
    }

    @AfterAll
    void stopAll() {
        tallies.forEach((hits, tally) -> System.out.printf(
                "damage of what is %s: %d ways; %d sessions served on, %d begun anew, %d answers 503%n",
                hits, tally.ways, tally.served, tally.anew, tally.refused));
        stopNodes();
        redis.close();
    }

    private static final class Tally {
        private int ways;
        private int served;
        private int anew;
        private int refused;
    }

    /** One user, who knows what was acknowledged. */
    private final class User {
        private final DamageWays way;
        private final Browser browser = new Browser();
        private final Tally tally;
        private int counted;
        /** By requests that were answered 503, which says that nothing is certain. */
        private int perhapsCounted;

        private boolean noteMayBeGone;
        private boolean anew;
        private boolean refused;

        User(DamageWays way) {
            this.way = way;
            this.tally = tallies.computeIfAbsent(way.hits(), hits -> new Tally());
        }

        /** Begins a session on the first node, which then holds it. */
        void begin() {
            assertThat(browser.get(n1, "/shop/notes?begin=mine").body()).isEqualTo("mine 0");
            assertThat(browser.get(n1, "/shop/notes").body()).isEqualTo("mine 0");
        }

        void damage() {
            redis.ask(jedis -> {
                way.damage(jedis, "shop", browser.sessionId());
                return null;
            });
            noteMayBeGone = way.hits() == Hits.ATTRIBUTE;
        }

        void reads(HttpNode node) {
            sees(send(node, "/shop/notes"), 0);
        }

        void counts(HttpNode node) {
            sees(send(node, "/shop/notes?count=1"), 1);
        }

        private Answer send(HttpNode node, String path) {
            if (way.hits() == Hits.SHARD) {
                // Its nodes settle it, as if its data were lost: changes and look-ups are refused until they have.
                return await().atMost(SETTLING)
                        .pollInterval(Duration.ofMillis(200))
                        .until(
                                () -> {
                                    Answer answer = browser.get(node, path);
                                    perhapsCounted += answer.status() == 503 && path.contains("count") ? 1 : 0;
                                    return answer;
                                },
                                answer -> answer.status() != 503);
            }
            return browser.get(node, path);
        }

        private void sees(Answer answer, int more) {
            if (answer.status() == 503) {
                tally.refused++;
                assertThat(way.hits())
                        .as("what hits only others is no reason to refuse")
                        .isEqualTo(Hits.SESSION);
                assertThat(refused).as("refused twice in a row").isFalse();
                refused = true;
                return;
            }
            refused = false;
            assertThat(answer.status()).isEqualTo(200);
            if (answer.body().equals("none")) {
                assertThat(way.hits()).isEqualTo(Hits.SESSION);
                assertThat(anew).as("begun anew twice").isFalse();
                anew = true;
                counted = 0;
                Answer begun = browser.get(n2, "/shop/notes?begin=mine");
                if (begun.status() == 503) { // it had a copy and had not heard of the end: that takes two seconds
                    tally.refused++;
                    begun = browser.get(n2, "/shop/notes?begin=mine");
                }
                assertThat(begun.status()).isEqualTo(200);
                assertThat(begun.body()).isEqualTo("mine 0");
                return;
            }
            String[] seen = answer.body().split(" ", 2);
            assertThat(seen[0]).isIn("mine", noteMayBeGone ? "null" : "mine");
            assertThat(Integer.parseInt(seen[1])).isBetween(counted + more, counted + more + perhapsCounted);
            counted = Integer.parseInt(seen[1]);
            perhapsCounted = 0;
        }

        void close() {
            tally.served += anew ? 0 : 1;
            tally.anew += anew ? 1 : 0;
        }
    }

    static List<DamageWays> ways() {
        return DamageWays.all();
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.DamageContract#ways")
    void userSeesTheRightValueOrBeginsAnewOnce(DamageWays way) {
        User neighbour = new User(way);
        User stays = new User(way);
        User moves = new User(way);
        neighbour.begin();
        stays.begin();
        moves.begin();

        stays.damage();
        moves.damage();

        for (int i = 0; i < 2; i++) {
            stays.reads(n1);
            moves.reads(n2);
            stays.counts(n1);
            moves.counts(n2);
            stays.reads(n1);
            moves.reads(n1);
            moves.counts(n1);
        }
        stays.reads(n2);
        moves.reads(n2);
        stays.close();
        moves.close();
        tallies.get(way.hits()).ways++;
        assertThat(neighbour.send(n2, "/shop/notes").body()).isEqualTo("mine 0");
    }
}
