package dev.holdfast.testing.tell;

import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;
import java.util.Collections;
import java.util.List;

/** A listener that tells everything it hears and sees, under a name of its own. */
abstract class Teller implements HttpSessionListener, HttpSessionAttributeListener, HttpSessionIdListener {
    private final String name;

    Teller(String name) {
        this.name = name;
    }

    /** After the event was told. */
    void heard(String event) {}

    private void tell(HttpSession session, String event) {
        Events.add(session.getServletContext(), name + " " + event);
        heard(event);
    }

    private static String state(HttpSession session) {
        List<String> names = Collections.list(session.getAttributeNames());
        Collections.sort(names);
        StringBuilder text = new StringBuilder(session.getId())
                .append(session.isNew() ? " new" : " old")
                .append(" max ")
                .append(session.getMaxInactiveInterval())
                .append(" created t:")
                .append(session.getCreationTime())
                .append(" last t:")
                .append(session.getLastAccessedTime());
        for (String attribute : names) {
            text.append(' ').append(attribute).append('=').append(session.getAttribute(attribute));
        }
        return text.toString();
    }

    private static String attribute(HttpSessionBindingEvent event) {
        return event.getName() + "=" + event.getValue() + ", now "
                + event.getSession().getAttribute(event.getName());
    }

    @Override
    public void sessionCreated(HttpSessionEvent event) {
        tell(event.getSession(), "created " + state(event.getSession()));
    }

    @Override
    public void sessionDestroyed(HttpSessionEvent event) {
        tell(event.getSession(), "destroyed " + state(event.getSession()));
    }

    @Override
    public void sessionIdChanged(HttpSessionEvent event, String oldId) {
        tell(event.getSession(), "id changed from " + oldId + " to " + state(event.getSession()));
    }

    @Override
    public void attributeAdded(HttpSessionBindingEvent event) {
        tell(event.getSession(), "added " + attribute(event));
    }

    @Override
    public void attributeRemoved(HttpSessionBindingEvent event) {
        String now;
        try {
            now = attribute(event);
        } catch (IllegalStateException e) {
            now = event.getName() + "=" + event.getValue() + ", now " + e.getMessage();
        }
        tell(event.getSession(), "removed " + now);
    }

    @Override
    public void attributeReplaced(HttpSessionBindingEvent event) {
        tell(event.getSession(), "replaced " + attribute(event));
    }
}
