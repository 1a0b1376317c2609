package com.example.shop;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.context.annotation.SessionScope;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;

/** The shop and its cart, one for each session. */
@Configuration
@EnableWebMvc
class Web {
    @Bean
    Shop shop(Cart cart) {
        return new Shop(cart);
    }

    @Bean
    @SessionScope
    Cart cart() {
        return new Cart();
    }
}
