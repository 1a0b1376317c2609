package dev.holdfast.applications;

import dev.holdfast.testing.SpringBootContract;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;

/** With Spring Boot 4 and its embedded Jetty. */
class SpringBootJettyIT extends SpringBootContract {
    @BeforeAll
    static void startNodes() {
        start(BuiltApplication.of("spring-boot-jetty", "shop.jar"));
    }

    /** After the login, before its page is shown. */
    @Override
    protected Set<Integer> halfWay() {
        return Set.of(3);
    }

    @Override
    protected boolean asksOfSpringBoot() {
        return Boolean.getBoolean("applications.whole");
    }

    @Override
    protected String ownSessionCookie() {
        return "JSESSIONID=node.*";
    }
}
