package com.example.shop;

import java.util.ArrayList;
import java.util.List;
import org.apache.wicket.markup.html.basic.Label;
import org.apache.wicket.markup.html.form.Form;
import org.apache.wicket.markup.html.form.TextField;
import org.apache.wicket.model.LambdaModel;

/** Three questions, one after the other; the answers are in the page until all are there. */
public class OrderPage extends CustomerPage {
    private static final long serialVersionUID = 1L;

    private static final List<String> QUESTIONS = List.of("For whom?", "Where to?", "When?");

    private final ArrayList<String> answers = new ArrayList<>();
    private String answer = "";

    @Override
    protected void onInitialize() {
        super.onInitialize();
        add(new Label("answers", () -> String.join(", ", answers)));
        add(new Label("question", () -> QUESTIONS.get(answers.size())));
        Form<Void> form = new Form<>("ask") {
            private static final long serialVersionUID = 1L;

            @Override
            protected void onSubmit() {
                if (answers.size() + 1 < QUESTIONS.size()) {
                    answers.add(answer);
                    answer = "";
                } else {
                    order();
                }
            }
        };
        form.add(new TextField<>("answer", LambdaModel.of(() -> answer, value -> answer = value)).setRequired(true));
        add(form);
    }

    private void order() {
        ShopSession session = ShopSession.current();
        String items = String.join(", ", session.cart());
        session.success(items + " for " + String.join(", ", answers) + ", " + answer + ".");
        session.cart().clear();
        setResponsePage(CartPage.class);
    }
}
