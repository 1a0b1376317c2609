package com.example.shop;

import com.vaadin.flow.component.button.Button;
import com.vaadin.flow.component.orderedlayout.VerticalLayout;
import com.vaadin.flow.component.textfield.TextField;
import com.vaadin.flow.router.PageTitle;
import com.vaadin.flow.router.Route;

/** Asks for a name, and leads to the shop. */
@Route("login")
@PageTitle("Log in")
public final class LoginView extends VerticalLayout {
    private static final long serialVersionUID = 1L;

    public LoginView() {
        TextField name = new TextField("Name");
        name.setId("name");
        Button login = new Button("Log in", click -> {
            if (!name.isEmpty()) {
                Customer.logIn(name.getValue());
                getUI().ifPresent(ui -> ui.navigate(ShopView.class));
            }
        });
        login.setId("login");
        add(name, login);
    }
}
