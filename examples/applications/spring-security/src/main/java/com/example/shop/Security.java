package com.example.shop;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

/** Spring Security with its defaults: a login page, CSRF tokens, the page that was asked for after the login. */
@Configuration
@EnableWebSecurity
class Security {
    /** One customer, as an example: a shop would look into its database. */
    @Bean
    UserDetailsService customers() {
        return new InMemoryUserDetailsManager(User.withUsername("ada")
                .password("{noop}engine")
                .roles("CUSTOMER")
                .build());
    }
}
