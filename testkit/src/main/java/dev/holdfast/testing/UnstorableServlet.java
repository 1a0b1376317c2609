package dev.holdfast.testing;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** An application that keeps in its session what cannot be stored. {@code ?do=} says what it does. */
@SuppressWarnings("serial")
public final class UnstorableServlet extends HttpServlet {
    /** Not serializable. */
    public static final class Connection {
        private final String text;

        Connection(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Can be stored as long as what it holds can be. */
    public static final class Basket implements Serializable {
        private final List<Object> items = new ArrayList<>();

        @Override
        public String toString() {
            return String.valueOf(items);
        }
    }

    /** Tells how often what holds it was tried to be stored. */
    public static final class Witness implements Serializable {
        private Object writeReplace() {
            Click.attempts.release();
            return this;
        }
    }

    /** What a request does that has in its hands what another one saves meanwhile. */
    static final class Click {
        private static final long SECONDS = 10;
        private static final Semaphore attempts = new Semaphore(0);
        private static final Semaphore inside = new Semaphore(0);
        private static final Semaphore answered = new Semaphore(0);

        private Click() {}

        private static void run(Basket basket, String value) {
            Connection inBetween = new Connection("in between");
            basket.items.add(0, new Witness());
            basket.items.add(inBetween);
            attempts.drainPermits();
            answered.drainPermits();
            inside.release();
            boolean unused = await(attempts, 3); // or the one attempt was all there was
            basket.items.remove(0);
            basket.items.add(value);
            basket.items.remove(inBetween); // last, or what is stored before this may go well
            unused = await(answered, 1);
        }

        private static boolean await(Semaphore what, int times) {
            try {
                return what.tryAcquire(times, SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        /** Forgets one that has failed. */
        static void begin() {
            inside.drainPermits();
        }

        /** False if it has not come so far. */
        static boolean awaitInside() {
            return await(inside, 1);
        }

        /** Lets it end. */
        static void end() {
            answered.release();
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession();
        String value = request.getParameter("value");
        PrintWriter out = response.getWriter();
        switch (request.getParameter("do")) {
            case "set" -> {
                session.setAttribute("connection", new Connection(value));
                session.setAttribute("note", value);
            }
            case "replace" -> session.setAttribute("connection", value);
            case "basket" -> session.setAttribute("basket", new Basket());
            case "add" -> basket(session).items.add(value);
            case "hold" -> basket(session).items.add(new Connection(value));
            case "click" -> Click.run(basket(session), value);
            case "empty" -> basket(session).items.clear();
            case "show" ->
                out.print(session.getAttribute("connection") + ", " + session.getAttribute("note") + ", "
                        + session.getAttribute("basket"));
            case "names" -> out.print(new TreeSet<>(Collections.list(session.getAttributeNames())));
            case "login" -> request.changeSessionId();
            default -> throw new IllegalArgumentException(request.getParameter("do"));
        }
    }

    private static Basket basket(HttpSession session) {
        return (Basket) session.getAttribute("basket");
    }
}
