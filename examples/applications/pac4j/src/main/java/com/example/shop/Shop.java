package com.example.shop;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import org.apache.commons.text.StringEscapeUtils;

/** The cart, and the form that adds to it, with the token that pac4j wants to see in forms. */
@WebServlet({"/cart", "/add"})
public class Shop extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/html;charset=UTF-8");
        response.getWriter().write("""
                <!DOCTYPE html>
                <title>Shop</title>
                <p id="customer">%s</p>
                <p id="cart">%s</p>
                <form method="post" action="add">
                  <input type="hidden" name="pac4jCsrfToken" value="%s">
                  <input name="item"> <button>Add</button>
                </form>
                <a href="logout">Log out</a>
                """.formatted(
                        StringEscapeUtils.escapeHtml4(request.getRemoteUser()),
                        StringEscapeUtils.escapeHtml4(
                                String.join(", ", cart(request.getSession()).items())),
                        request.getAttribute("pac4jCsrfToken")));
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        cart(request.getSession()).add(request.getParameter("item"));
        response.sendRedirect("cart");
    }

    private static Cart cart(HttpSession session) {
        if (session.getAttribute("cart") instanceof Cart cart) {
            return cart;
        }
        Cart cart = new Cart();
        session.setAttribute("cart", cart);
        return cart;
    }
}
