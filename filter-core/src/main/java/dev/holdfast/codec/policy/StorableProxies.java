package dev.holdfast.codec.policy;

import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The classes of proxies, which are stored as the names of their interfaces: made anew from stored bytes, and bounded,
 * since each stays. Remembers what it has made for one application; safe for use by many threads.
 */
final class StorableProxies {
    /** More than anybody implements; each is looked up. */
    private static final int MAX_INTERFACES = 16;

    /** The JVM keeps each class of a proxy as long as the application: bounds what forged bytes can make of it. */
    private static final int MAX_PROXIES = 200;

    private final ClassLoader loader;
    private final StorableClasses classes;
    private final Map<List<String>, Class<?>> proxies = new ConcurrentHashMap<>();

    /** @param classes decides about each interface */
    StorableProxies(ClassLoader loader, StorableClasses classes) {
        this.loader = loader;
        this.classes = classes;
    }

    /**
     * Looks up the class of a proxy that stored bytes name. The class of its handler is looked up on its own. Before
     * JDK 20 the first proxy that is made of it initialises its interfaces and the types in their methods.
     *
     * @throws MalformedBytesException if the policy does not allow one of the interfaces, or the application cannot
     *     make it
     */
    Class<?> load(String[] interfaceNames) {
        List<String> names = List.of(interfaceNames);
        Class<?> known = proxies.get(names);
        if (known != null) {
            return known;
        }
        if (names.isEmpty() || names.size() > MAX_INTERFACES) {
            throw new MalformedBytesException("it needs a proxy with " + names.size() + " interfaces");
        }
        if (proxies.size() >= MAX_PROXIES) {
            throw new MalformedBytesException(
                    "it needs one more kind of proxy than the " + MAX_PROXIES + " that an application may have stored");
        }
        Class<?> made = make(names);
        proxies.put(names, made);
        return made;
    }

    @SuppressWarnings("deprecation") // there is no other way to a class whose handler is read later
    private Class<?> make(List<String> names) {
        Class<?>[] interfaces = new Class<?>[names.size()];
        for (int i = 0; i < interfaces.length; i++) {
            interfaces[i] = classes.load(names.get(i));
        }
        try {
            return Proxy.getProxyClass(loaderOf(interfaces), interfaces);
        } catch (IllegalArgumentException e) {
            throw new MalformedBytesException("it needs a proxy that this application cannot make");
        }
    }

    /** A proxy of an interface that is not public is made where that is. */
    private ClassLoader loaderOf(Class<?>[] interfaces) {
        for (Class<?> type : interfaces) {
            if (!Modifier.isPublic(type.getModifiers())) {
                return type.getClassLoader();
            }
        }
        return loader;
    }

    /**
     * Refuses a proxy that no node could make again.
     *
     * @throws NotStorableException naming the interface that the policy does not allow
     */
    void requireReadable(Class<?> proxy) {
        if (proxy.getInterfaces().length > MAX_INTERFACES) {
            throw NotStorableException.tooManyInterfaces(proxy.getName(), MAX_INTERFACES);
        }
        for (Class<?> implemented : proxy.getInterfaces()) {
            classes.requireReadable(implemented);
        }
    }
}
