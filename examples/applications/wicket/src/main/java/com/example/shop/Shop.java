package com.example.shop;

import org.apache.wicket.Page;
import org.apache.wicket.Session;
import org.apache.wicket.authorization.strategies.page.SimplePageAuthorizationStrategy;
import org.apache.wicket.protocol.http.WebApplication;
import org.apache.wicket.request.Request;
import org.apache.wicket.request.Response;

/** A shop with Wicket's defaults: a login page, a cart, and an order that is asked for in three steps. */
public class Shop extends WebApplication {
    @Override
    public Class<? extends Page> getHomePage() {
        return CartPage.class;
    }

    @Override
    public Session newSession(Request request, Response response) {
        return new ShopSession(request);
    }

    @Override
    protected void init() {
        super.init();
        mountPage("/login", LoginPage.class);
        mountPage("/order", OrderPage.class);
        getSecuritySettings()
                .setAuthorizationStrategy(new SimplePageAuthorizationStrategy(CustomerPage.class, LoginPage.class) {
                    @Override
                    protected boolean isAuthorized() {
                        return ShopSession.current().isLoggedIn();
                    }
                });
    }
}
