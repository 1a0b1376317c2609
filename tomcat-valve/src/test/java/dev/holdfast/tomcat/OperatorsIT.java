package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.SessionId;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RedisProcess;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.catalina.Context;
import org.apache.catalina.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What operators set at Tomcat's manager, and what they see of it: neither a value nor a whole id. */
class OperatorsIT {
    private static final String CARD = "4111-1111-1111-1111";

    private RedisProcess redis;
    private EmbeddedNode n1;
    private final Browser browser = new Browser();

    @BeforeEach
    void start() {
        redis = RedisProcess.start();
        n1 = node("n1");
    }

    @AfterEach
    void stop() {
        n1.close();
        redis.close();
    }

    private EmbeddedNode node(String name) {
        return new EmbeddedNode(name, redis.uri(), Map.of(), OperatorsIT::application);
    }

    private static void application(Context context) {
        Page.add(context, "/enter", (request, response) -> {
            request.getSession().setAttribute("card", CARD);
            response.getWriter().print(request.getSession().getAttribute("card"));
        });
        Page.show(context, "/look", session -> session.getAttribute("card"));
        Page.add(context, "/leave", (request, response) -> request.getSession().invalidate());
    }

    private String id(Browser of) {
        return of.cookies().get("JSESSIONID");
    }

    // ---- maxActiveSessions

    @Test
    void moreSessionsThanTheManagerMayHaveAreRefusedAndCounted() {
        n1.manager().setMaxActiveSessions(2);
        browser.get(n1.uri("/enter"));
        new Browser().get(n1.uri("/enter"));

        Answer refused = new Browser().get(n1.uri("/enter"));

        assertThat(refused.status()).isEqualTo(500);
        assertThat(refused.body()).contains("TooManyActiveSessionsException", "Too many active sessions");
        assertThat(refused.all("Set-Cookie")).isEmpty();
        assertThat(n1.manager().getRejectedSessions()).isEqualTo(1);
        assertThat(browser.get(n1.uri("/look")).body()).isEqualTo(CARD);
        browser.get(n1.uri("/leave"));
        assertThat(new Browser().get(n1.uri("/enter")).body()).isEqualTo(CARD);
    }

    /** It is there already: refusing it would log its user out. */
    @Test
    void sessionOfAnotherNodeIsTakenOverAboveTheLimit() {
        try (EmbeddedNode n2 = node("n2")) {
            n2.manager().setMaxActiveSessions(0);
            browser.get(n1.uri("/enter"));

            assertThat(browser.get(n2.uri("/look")).body()).isEqualTo(CARD);
            assertThat(new Browser().get(n2.uri("/enter")).status()).isEqualTo(500);
            assertThat(n2.manager().getRejectedSessions()).isEqualTo(1);
        }
    }

    // ---- JMX

    private static Object ask(String operation, String... arguments) throws JMException {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        Set<ObjectName> managers =
                beans.queryNames(new ObjectName("Tomcat:type=Manager,host=localhost,context=/shop"), null);
        assertThat(managers).hasSize(1);
        String[] types =
                Collections.nCopies(arguments.length, String.class.getName()).toArray(new String[0]);
        return beans.invoke(managers.iterator().next(), operation, arguments, types);
    }

    @Test
    void managerBeanShowsNamesAndNeitherValuesNorWholeIds() throws JMException {
        browser.get(n1.uri("/enter"));
        String id = id(browser);
        String name = (String) ask("listSessionIds");
        assertThat(name).matches(id.substring(0, 4) + "-[0-9a-f]{12}").doesNotContain(id.substring(0, 6));

        for (String known : List.of(id, name)) {
            assertThat(ask("getSession", known)).isEqualTo(Map.of("card", "not shown"));
            assertThat(ask("getSessionAttribute", known, "card")).isEqualTo("not shown");
            assertThat(ask("getSessionAttribute", known, "cart")).isNull();
            assertThat((Long) ask("getCreationTimestamp", known)).isPositive();
            assertThat((String) ask("getLastAccessedTime", known)).endsWith(" GMT");
        }
        ask("expireSession", name);
        assertThat(browser.get(n1.uri("/look")).body()).isEqualTo("none");
        assertThat(ask("listSessionIds")).isEqualTo("");
    }

    @Test
    void idOfNoSessionHereIsAnsweredWithNothingAndNotLogged() throws JMException {
        String id = SessionId.random().value();
        try (LogCapture log = new LogCapture("org.apache.catalina")) {
            assertThat(ask("getSession", id)).isNull();
            assertThat(ask("getSessionAttribute", id, "card")).isNull();
            ask("expireSession", id);
            for (String time : List.of("ThisAccessedTime", "LastAccessedTime", "CreationTime")) {
                assertThat(ask("get" + time, id)).isEqualTo("");
                assertThat(ask("get" + time + "stamp", id)).isEqualTo(-1L);
            }

            assertThat(log.lines()).noneMatch(line -> line.contains(id));
        }
    }

    // ---- whatever asks for all sessions

    @Test
    void sessionsOfTheManagerAreNamedWithoutTheirValuesAndCanBeEnded() {
        browser.get(n1.uri("/enter"));
        String id = id(browser);

        Session shown = n1.manager().findSessions()[0];

        assertThat(shown.getId()).isEqualTo(ShownSession.nameOf(SessionId.parse(id)));
        assertThat(shown.getIdInternal()).isEqualTo(shown.getId());
        assertThat(shown.getSession().getId()).isEqualTo(shown.getId());
        assertThat(shown.toString() + shown.getSession()).doesNotContain(id).doesNotContain(CARD);
        assertThat(Collections.list(shown.getSession().getAttributeNames())).containsExactly("card");
        assertThat(shown.getSession().getAttribute("card")).isEqualTo("not shown");
        assertThat(shown.getSession().getAttribute("cart")).isNull();
        assertThat(shown.getNoteNames()).isExhausted();
        assertThat(shown.isValid()).isTrue();
        assertThat(shown.getMaxInactiveInterval()).isEqualTo(1800);
        assertThatThrownBy(() -> shown.getSession().setAttribute("card", "other"))
                .isInstanceOf(UnsupportedOperationException.class);
        shown.getSession().removeAttribute("card");
        assertThat(browser.get(n1.uri("/look")).body()).isEqualTo("null");
        shown.getSession().invalidate();
        assertThat(browser.get(n1.uri("/look")).body()).isEqualTo("none");
    }

    /** Names of what was loaded and not read are known; the values are not decoded for them. */
    @Test
    void namesAreShownOfAttributesThatNobodyHasReadHere() {
        try (EmbeddedNode n2 = node("n2")) {
            browser.get(n1.uri("/enter"));
            browser.get(n2.uri("/look"));

            assertThat(n2.manager().findSessions())
                    .singleElement()
                    .satisfies(shown -> assertThat(
                                    Collections.list(shown.getSession().getAttributeNames()))
                            .containsExactly("card"));
        }
    }
}
