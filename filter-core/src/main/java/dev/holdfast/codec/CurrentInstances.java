package dev.holdfast.codec;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Vaadin Flow knows of the request on a thread: {@code VaadinRequest.getCurrent()} and others. A VaadinSession
 * that writes or reads itself makes itself the current one, and forgets all of them afterwards but for the session and
 * its service. Where containers store sessions no request is under way; here there is one, which would go on without
 * its current request.
 *
 * <p>Known by name, since nothing of Vaadin is on the class path of Holdfast. Does nothing for an application without.
 * Safe for use by many threads.
 */
final class CurrentInstances {
    private static final String NAME = "com.vaadin.flow.internal.CurrentInstance";

    private record Methods(MethodHandle get, MethodHandle clear, MethodHandle restore) {}

    private final @Nullable Methods methods;

    /** Looks for Vaadin Flow, without initialising a class of it. */
    CurrentInstances(ClassLoader application) {
        methods = find(application);
    }

    private static @Nullable Methods find(ClassLoader application) {
        if (application.getResource(NAME.replace('.', '/') + ".class") == null) {
            return null;
        }
        try {
            Class<?> type = Class.forName(NAME, false, application);
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            return new Methods(
                    lookup.findStatic(type, "getInstances", MethodType.methodType(Map.class)),
                    lookup.findStatic(type, "clearAll", MethodType.methodType(void.class)),
                    lookup.findStatic(type, "restoreInstances", MethodType.methodType(void.class, Map.class)));
        } catch (ReflectiveOperationException | LinkageError e) {
            return null; // it does it otherwise
        }
    }

    /** Those of this thread, to be handed to {@link #restore}; null if the application has no Vaadin Flow. */
    @Nullable
    Map<?, ?> current() {
        if (methods == null) {
            return null;
        }
        try {
            return (Map<?, ?>) methods.get.invokeExact();
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Gives this thread the instances that it had, and no other ones. */
    void restore(@Nullable Map<?, ?> instances) {
        if (methods == null || instances == null) {
            return;
        }
        try {
            methods.clear.invokeExact();
            methods.restore.invokeExact((Map<?, ?>) instances);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** They keep maps in the memory of a thread, and declare no exception. */
    private static RuntimeException unexpected(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
}
