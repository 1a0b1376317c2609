package com.example.shop;

import org.apache.wicket.markup.html.WebPage;
import org.apache.wicket.markup.html.form.PasswordTextField;
import org.apache.wicket.markup.html.form.StatelessForm;
import org.apache.wicket.markup.html.form.TextField;
import org.apache.wicket.markup.html.panel.FeedbackPanel;
import org.apache.wicket.model.IModel;
import org.apache.wicket.model.Model;

/** Asks for name and password. A stateless page: it is in no page store, so any node can take what it sends. */
public class LoginPage extends WebPage {
    private static final long serialVersionUID = 1L;

    @Override
    protected void onInitialize() {
        super.onInitialize();
        IModel<String> user = Model.of("");
        IModel<String> password = Model.of("");
        StatelessForm<Void> form = new StatelessForm<>("login") {
            private static final long serialVersionUID = 1L;

            @Override
            protected void onSubmit() {
                if (ShopSession.current().login(user.getObject(), password.getObject())) {
                    continueToOriginalDestination();
                    setResponsePage(getApplication().getHomePage());
                } else {
                    error("Wrong name or password.");
                }
            }
        };
        form.add(new TextField<>("user", user).setRequired(true), new PasswordTextField("password", password));
        add(form, new FeedbackPanel("said"));
    }
}
