package dev.holdfast.tomcat;

import dev.holdfast.EmbeddedApplication;
import dev.holdfast.boot.SpringBootApplications;
import org.apache.catalina.Context;
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
 * Lets Holdfast keep the sessions of an application of Spring Boot 3 or 4 with an embedded Tomcat: the JAR on the class
 * path is enough, {@code holdfast.enabled=false} says no. See {@code docs/spring-boot.md}.
 *
 * <p>Not for a WAR in a Tomcat of its own, which finds Holdfast in its {@code lib}. There, this class is seen by the
 * application but cannot be linked, because Spring is not in {@code lib}: Spring Boot reads the conditions without
 * loading it.
 */
@AutoConfiguration
@ConditionalOnClass(name = "org.apache.catalina.startup.Tomcat")
@ConditionalOnNotWarDeployment
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnProperty(name = "holdfast.enabled", havingValue = "true", matchIfMissing = true)
class HoldfastTomcatAutoConfiguration {
    private static void install(ApplicationContext spring, Context context) {
        EmbeddedApplication application = SpringBootApplications.find(spring);
        if (application != null) {
            HoldfastTomcat.install(context, application);
        }
    }

    /** The same in both: Spring Boot 4 has its types for Tomcat in another package. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "org.springframework.boot.web.embedded.tomcat.ConfigurableTomcatWebServerFactory")
    static class SpringBoot3 {
        @Bean
        WebServerFactoryCustomizer<org.springframework.boot.web.embedded.tomcat.ConfigurableTomcatWebServerFactory>
                holdfastTomcatCustomizer(ApplicationContext spring) {
            return factory -> factory.addContextCustomizers(context -> install(spring, context));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory")
    static class SpringBoot4 {
        @Bean
        WebServerFactoryCustomizer<org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory>
                holdfastTomcatCustomizer(ApplicationContext spring) {
            return factory -> factory.addContextCustomizers(context -> install(spring, context));
        }
    }
}
