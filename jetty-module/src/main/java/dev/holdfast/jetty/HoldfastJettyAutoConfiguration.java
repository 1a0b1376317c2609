package dev.holdfast.jetty;

import dev.holdfast.EmbeddedApplication;
import dev.holdfast.boot.SpringBootApplications;
import org.eclipse.jetty.server.Server;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnNotWarDeployment;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Lets Holdfast keep the sessions of an application of Spring Boot 3 or 4 with an embedded Jetty: the JAR on the class
 * path is enough, {@code holdfast.enabled=false} says no. See {@code docs/spring-boot.md}.
 *
 * <p>Not for a WAR in a Jetty of its own, which has Holdfast as a module. There, this class is seen by the
 * application but cannot be linked, because Spring is not there: Spring Boot reads the conditions without
 * loading it.
 */
@AutoConfiguration
@ConditionalOnClass(name = "org.eclipse.jetty.server.Server")
@ConditionalOnNotWarDeployment
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnProperty(name = "holdfast.enabled", havingValue = "true", matchIfMissing = true)
class HoldfastJettyAutoConfiguration {
    private static void install(ApplicationContext spring, Server server) {
        EmbeddedApplication application = SpringBootApplications.find(spring);
        if (application != null) {
            HoldfastJetty.install(server, application);
        }
    }

    /** The same in both: Spring Boot 4 has its types for Jetty in another package. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "org.springframework.boot.web.embedded.jetty.ConfigurableJettyWebServerFactory")
    static class SpringBoot3 {
        @Bean
        WebServerFactoryCustomizer<org.springframework.boot.web.embedded.jetty.ConfigurableJettyWebServerFactory>
                holdfastJettyCustomizer(ApplicationContext spring) {
            return factory -> factory.addServerCustomizers(server -> install(spring, server));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "org.springframework.boot.jetty.ConfigurableJettyWebServerFactory")
    static class SpringBoot4 {
        @Bean
        WebServerFactoryCustomizer<org.springframework.boot.jetty.ConfigurableJettyWebServerFactory>
                holdfastJettyCustomizer(ApplicationContext spring) {
            return factory -> factory.addServerCustomizers(server -> install(spring, server));
        }
    }
}
