package com.example.booking;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.webflow.config.AbstractFlowConfiguration;
import org.springframework.webflow.definition.registry.FlowDefinitionRegistry;
import org.springframework.webflow.executor.FlowExecutor;
import org.springframework.webflow.mvc.servlet.FlowHandlerAdapter;
import org.springframework.webflow.mvc.servlet.FlowHandlerMapping;

/** Web Flow with its defaults, and one flow. */
@Configuration
@EnableWebMvc
class Web extends AbstractFlowConfiguration {
    @Bean
    FlowDefinitionRegistry flows() {
        return getFlowDefinitionRegistryBuilder()
                .addFlowLocation("/WEB-INF/order/order-flow.xml", "order")
                .build();
    }

    @Bean
    FlowExecutor executor() {
        return getFlowExecutorBuilder(flows()).build();
    }

    @Bean
    FlowHandlerMapping mapping() {
        FlowHandlerMapping mapping = new FlowHandlerMapping();
        mapping.setOrder(-1);
        mapping.setFlowRegistry(flows());
        return mapping;
    }

    @Bean
    FlowHandlerAdapter adapter() {
        FlowHandlerAdapter adapter = new FlowHandlerAdapter();
        adapter.setFlowExecutor(executor());
        return adapter;
    }
}
