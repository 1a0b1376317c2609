package com.example.shop;

import org.pac4j.core.client.Clients;
import org.pac4j.core.config.Config;
import org.pac4j.core.config.ConfigFactory;
import org.pac4j.http.client.indirect.FormClient;
import org.pac4j.http.credentials.authenticator.test.SimpleTestUsernamePasswordAuthenticator;

/** Customers log in by a form; whose password is his name may, as an example: a shop would look into its database. */
public final class Security implements ConfigFactory {
    @Override
    public Config build(Object... parameters) {
        return new Config(
                new Clients("callback", new FormClient("login", new SimpleTestUsernamePasswordAuthenticator())));
    }
}
