package dev.holdfast.boot;

import dev.holdfast.metrics.HoldfastMeterBinder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnNotWarDeployment;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/**
 * Shows Holdfast's metrics in the registries of an application of Spring Boot that has Micrometer, as with its
 * actuator. Not for a WAR in a container of its own: there, Holdfast is in {@code lib} and does not see the
 * application's Micrometer.
 */
@AutoConfiguration
@ConditionalOnClass(name = "io.micrometer.core.instrument.binder.MeterBinder")
@ConditionalOnNotWarDeployment
@ConditionalOnProperty(name = "holdfast.enabled", havingValue = "true", matchIfMissing = true)
public class HoldfastMetricsAutoConfiguration {
    public HoldfastMetricsAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    HoldfastMeterBinder holdfastMeterBinder() {
        return new HoldfastMeterBinder();
    }
}
