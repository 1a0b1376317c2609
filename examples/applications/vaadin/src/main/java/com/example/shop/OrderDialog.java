package com.example.shop;

import com.vaadin.flow.component.button.Button;
import com.vaadin.flow.component.dialog.Dialog;
import com.vaadin.flow.component.html.Paragraph;
import com.vaadin.flow.component.textfield.TextField;
import com.vaadin.flow.function.SerializableConsumer;
import java.util.ArrayList;
import java.util.List;

/** Two steps: where to, and whether that is right. */
final class OrderDialog extends Dialog {
    private static final long serialVersionUID = 1L;

    private final ArrayList<String> items;
    private final SerializableConsumer<String> ordered;
    private final TextField address = new TextField("Address");

    OrderDialog(List<String> items, SerializableConsumer<String> ordered) {
        this.items = new ArrayList<>(items);
        this.ordered = ordered;
        address.setId("address");
        Button next = new Button("Next", click -> confirm());
        next.setId("next");
        setHeaderTitle("Order");
        add(address, next);
    }

    private void confirm() {
        Paragraph question = new Paragraph("Send " + String.join(", ", items) + " to " + address.getValue() + "?");
        question.setId("question");
        Button yes = new Button("Yes", click -> {
            ordered.accept(address.getValue());
            close();
        });
        yes.setId("yes");
        removeAll();
        add(question, yes);
    }
}
