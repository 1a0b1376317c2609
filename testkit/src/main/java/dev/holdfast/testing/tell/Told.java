package dev.holdfast.testing.tell;

import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionActivationListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import jakarta.servlet.http.HttpSessionEvent;
import java.io.Serializable;

/** A value that is told when it is bound, unbound and moved; the first two throw if its text has the word "boom". */
public final class Told implements HttpSessionBindingListener, HttpSessionActivationListener, Serializable {
    private static final long serialVersionUID = 1L;

    private final String text;

    Told(String text) {
        this.text = text;
    }

    private void bind(HttpSession session, String event) {
        tell(session, event);
        if (text.contains("boom")) {
            throw new IllegalStateException("thrown by the value");
        }
    }

    private void tell(HttpSession session, String event) {
        Events.add(session.getServletContext(), "value " + text + " " + event);
    }

    private static String seen(HttpSessionBindingEvent event) {
        String there;
        try {
            there = String.valueOf(event.getSession().getAttribute(event.getName()));
        } catch (IllegalStateException e) {
            there = e.getMessage();
        }
        return event.getName() + "=" + event.getValue() + " of "
                + event.getSession().getId() + ", there " + there;
    }

    @Override
    public void valueBound(HttpSessionBindingEvent event) {
        bind(event.getSession(), "bound " + seen(event));
    }

    @Override
    public void valueUnbound(HttpSessionBindingEvent event) {
        bind(event.getSession(), "unbound " + seen(event));
    }

    @Override
    public void sessionWillPassivate(HttpSessionEvent event) {
        tell(event.getSession(), "passivated");
    }

    @Override
    public void sessionDidActivate(HttpSessionEvent event) {
        tell(event.getSession(), "activated");
    }

    @Override
    public String toString() {
        return "told:" + text;
    }
}
