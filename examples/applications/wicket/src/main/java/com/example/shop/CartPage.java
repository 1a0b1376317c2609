package com.example.shop;

import org.apache.wicket.markup.html.basic.Label;
import org.apache.wicket.markup.html.form.Form;
import org.apache.wicket.markup.html.form.TextField;
import org.apache.wicket.markup.html.link.BookmarkablePageLink;
import org.apache.wicket.markup.html.link.Link;
import org.apache.wicket.model.LambdaModel;

/** The cart, which is in the session, and a counter, which is in the page. */
public class CartPage extends CustomerPage {
    private static final long serialVersionUID = 1L;

    private String item = "";
    private int clicks;

    @Override
    protected void onInitialize() {
        super.onInitialize();
        add(new Label("cart", () -> String.join(", ", ShopSession.current().cart())));
        add(new Label("clicks", () -> clicks));
        add(new Link<Void>("click") {
            private static final long serialVersionUID = 1L;

            @Override
            public void onClick() {
                clicks++;
            }
        });
        Form<Void> form = new Form<>("add") {
            private static final long serialVersionUID = 1L;

            @Override
            protected void onSubmit() {
                ShopSession.current().cart().add(item);
                ShopSession.current().success(item + " is in your cart.");
                item = "";
            }
        };
        form.add(new TextField<>("item", LambdaModel.of(() -> item, value -> item = value)).setRequired(true));
        add(form, new BookmarkablePageLink<>("order", OrderPage.class));
    }
}
