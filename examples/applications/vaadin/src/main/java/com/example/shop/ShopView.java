package com.example.shop;

import com.vaadin.flow.component.button.Button;
import com.vaadin.flow.component.grid.Grid;
import com.vaadin.flow.component.html.Span;
import com.vaadin.flow.component.orderedlayout.VerticalLayout;
import com.vaadin.flow.component.textfield.TextField;
import com.vaadin.flow.router.BeforeEnterEvent;
import com.vaadin.flow.router.BeforeEnterObserver;
import com.vaadin.flow.router.PageTitle;
import com.vaadin.flow.router.Route;
import java.util.ArrayList;

/** The cart, which is changed in place, and the way to the order. */
@Route("")
@PageTitle("Shop")
public final class ShopView extends VerticalLayout implements BeforeEnterObserver {
    private static final long serialVersionUID = 1L;

    private final ArrayList<String> cart = new ArrayList<>();
    private final Span customer = new Span();
    private final Span said = new Span();
    private final TextField item = new TextField("Item");
    private final Grid<String> items = new Grid<>();

    public ShopView() {
        customer.setId("customer");
        said.setId("said");
        item.setId("item");
        items.setId("cart");
        items.addColumn(each -> each).setHeader("In your cart");
        items.setItems(cart);
        Button add = new Button("Add", click -> put(item.getValue()));
        add.setId("add");
        Button order = new Button("Order", click -> new OrderDialog(cart, this::ordered).open());
        order.setId("order");
        add(customer, said, item, add, items, order);
    }

    @Override
    public void beforeEnter(BeforeEnterEvent event) {
        Customer.current().ifPresentOrElse(customer::setText, () -> event.forwardTo(LoginView.class));
    }

    private void put(String what) {
        cart.add(what);
        item.clear();
        items.getDataProvider().refreshAll();
        said.setText(Customer.current().orElse("Nobody") + " has " + String.join(", ", cart) + ".");
    }

    private void ordered(String address) {
        said.setText(String.join(", ", cart) + " on the way to " + address + ".");
        cart.clear();
        items.getDataProvider().refreshAll();
    }
}
