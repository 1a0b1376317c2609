package dev.holdfast.examples.shop;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;

/** {@code GET /cart}, {@code POST /cart/add?item=…}, {@code POST /cart/remove?item=…}. */
public final class CartServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;
    private static final int LONGEST_NAME = 100;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Answer.send(request, response);
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String item = request.getParameter("item");
        if (item == null || item.isBlank() || item.length() > LONGEST_NAME) {
            response.sendError(
                    HttpServletResponse.SC_BAD_REQUEST, "item must have 1 to " + LONGEST_NAME + " characters.");
            return;
        }
        String change = request.getPathInfo();
        if ("/add".equals(change)) {
            cart(request.getSession()).add(new Item(item, NodeName.get()));
        } else if ("/remove".equals(change)) {
            cart(request.getSession()).remove(item);
        } else {
            response.sendError(HttpServletResponse.SC_NOT_FOUND);
            return;
        }
        Answer.send(request, response);
    }

    /** The session's cart. Whoever gets it changes it where it lies; nothing tells the session about that. */
    private static Cart cart(HttpSession session) {
        if (session.getAttribute(Cart.ATTRIBUTE) instanceof Cart cart) {
            return cart;
        }
        Cart cart = new Cart();
        session.setAttribute(Cart.ATTRIBUTE, cart);
        return cart;
    }
}
