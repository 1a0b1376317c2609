package dev.holdfast.examples.failover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.RealParts;
import org.junit.jupiter.api.Test;

class FailoverCheckIT {

    @Test
    void nothingIsLostBehindTheMachinesOwnHaproxyAndRedis() throws Exception {
        RealParts.require("haproxy", "haproxy");
        RealParts.require("redis-server", "redis-server");

        assertNothingIsLost(Run.toTheEnd("--check", "--sessions=20", "--kills=3"));
    }

    @Test
    void nothingIsLostWithWhatTheProjectBringsItself() throws Exception {
        assertNothingIsLost(Run.toTheEnd("--check", "--embedded", "--sessions=20", "--kills=3"));
    }

    private static void assertNothingIsLost(Run run) {
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.number("sessions")).isEqualTo(20);
        assertThat(run.number("kills")).isEqualTo(3);
        assertThat(run.number("changes acknowledged")).isGreaterThanOrEqualTo(500);
        assertThat(run.number("kept")).isEqualTo(run.number("changes acknowledged"));
        assertThat(run.number("lost")).isZero();
        assertThat(run.number("logins made")).isEqualTo(20);
        assertThat(run.number("logins kept")).isEqualTo(20);
        assertThat(run.number("refused otherwise")).isZero();
        assertThat(run.killedContainers()).as(run.output()).containsExactly("Tomcat 10.1", "Tomcat 11.0", "Jetty 12.1");
        assertThat(run.takeovers()).as(run.output()).hasSize(6).allSatisfy(takeover -> {
            assertThat(takeover.changesKept()).as(takeover.pair()).isEqualTo(takeover.changes());
            assertThat(takeover.loginsKept())
                    .as(takeover.pair())
                    .isEqualTo(takeover.logins())
                    .isEqualTo(takeover.sessions());
        });
        assertThat(run.takeovers().stream().mapToInt(Run.Takeover::sessions).sum())
                .as(run.output())
                .isPositive();
    }

    @Test
    void checkFailsWhenTheContainersKeepTheSessions() throws Exception {
        Run run = Run.toTheEnd("--check", "--sessions=9", "--kills=4", "--manager=tomcat");

        assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
        assertThat(run.number("lost")).isPositive();
        assertThat(run.number("logins kept")).isLessThan(9);
        assertThat(run.takeovers()).as(run.output()).anyMatch(takeover -> takeover.loginsKept() < takeover.logins());
        assertThat(run.number("refused otherwise")).isZero();
    }

    @Test
    void wrongOptionsCannotRunAndSayWhy() throws Exception {
        Run run = Run.toTheEnd("--check", "--sessions=0");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.output()).startsWith("--sessions is 0: must be between 1 and 2000.");
    }
}
