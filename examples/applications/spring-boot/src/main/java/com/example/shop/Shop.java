package com.example.shop;

import jakarta.servlet.http.HttpSession;
import java.security.Principal;
import org.springframework.http.MediaType;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import org.springframework.web.util.HtmlUtils;

/**
 * Two pages: the cart, and the form that adds to it and says so after a redirect. And what receipts are sent as, which
 * no framework is known to keep in a session.
 */
@Controller
class Shop {
    private final Cart cart;

    Shop(Cart cart) {
        this.cart = cart;
    }

    @GetMapping(path = "/cart", produces = "text/html;charset=UTF-8")
    @ResponseBody
    String show(Model model, Principal customer, CsrfToken csrf) {
        Object said = model.asMap().getOrDefault("said", "");
        return """
                <!DOCTYPE html>
                <title>Shop</title>
                <p id="customer">%s</p>
                <p id="said">%s</p>
                <p id="cart">%s</p>
                <form method="post" action="add">
                  <input type="hidden" name="%s" value="%s">
                  <input name="item"> <button>Add</button>
                </form>
                """.formatted(
                        HtmlUtils.htmlEscape(customer.getName()),
                        HtmlUtils.htmlEscape(said.toString()),
                        HtmlUtils.htmlEscape(String.join(", ", cart.items())),
                        csrf.getParameterName(),
                        csrf.getToken());
    }

    @PostMapping("/add")
    String add(@RequestParam("item") String item, RedirectAttributes next) {
        cart.add(item);
        next.addFlashAttribute("said", item + " is in your cart.");
        return "redirect:/cart";
    }

    @GetMapping("/receipts")
    @ResponseBody
    String receipts(@RequestParam("as") MediaType type, HttpSession session) {
        session.setAttribute("receipts", type);
        return "Your receipts are sent as " + type + ".";
    }
}
