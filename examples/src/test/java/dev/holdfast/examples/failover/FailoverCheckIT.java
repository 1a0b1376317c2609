package dev.holdfast.examples.failover;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FailoverCheckIT {

    @Test
    void checkFailsWhenTomcatKeepsTheSessions() throws Exception {
        Run run = Run.toTheEnd("--check", "--sessions=8", "--kills=1", "--manager=tomcat");

        assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
        assertThat(run.number("lost")).isPositive();
        assertThat(run.number("logins kept")).isLessThan(8);
        assertThat(run.number("refused otherwise")).isZero();
    }

    @Test
    void wrongOptionsCannotRunAndSayWhy() throws Exception {
        Run run = Run.toTheEnd("--check", "--sessions=0");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.output()).startsWith("--sessions is 0: must be between 1 and 2000.");
    }
}
