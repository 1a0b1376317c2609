package dev.holdfast.testing.tell;

import jakarta.servlet.ServletContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the listeners of an application heard, in order, on all its nodes. The one class that the application does not
 * have of its own, so that the test sees the same list.
 */
public final class Events {
    /** The parameter of an application that names the list: all nodes of one cluster have the same. */
    public static final String PARAMETER = "events";

    private static final Map<String, List<String>> HEARD = new ConcurrentHashMap<>();

    private Events() {}

    public static void add(ServletContext context, String event) {
        List<String> events = of(context.getInitParameter(PARAMETER));
        synchronized (events) {
            events.add(event);
        }
    }

    private static List<String> of(String name) {
        return HEARD.computeIfAbsent(name, n -> new ArrayList<>());
    }

    /** All that was heard since the last call. */
    public static List<String> drain(String name) {
        List<String> events = of(name);
        synchronized (events) {
            List<String> all = List.copyOf(events);
            events.clear();
            return all;
        }
    }
}
