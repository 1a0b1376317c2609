package com.example.shop;

import org.apache.wicket.markup.html.WebPage;
import org.apache.wicket.markup.html.basic.Label;
import org.apache.wicket.markup.html.panel.FeedbackPanel;

/** A page behind the login. */
abstract class CustomerPage extends WebPage {
    private static final long serialVersionUID = 1L;

    @Override
    protected void onInitialize() {
        super.onInitialize();
        add(new Label("customer", () -> ShopSession.current().customer()), new FeedbackPanel("said"));
    }
}
