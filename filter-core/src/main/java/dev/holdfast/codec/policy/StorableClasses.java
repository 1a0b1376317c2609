package dev.holdfast.codec.policy;

import dev.holdfast.session.SerializedAsJdk;
import java.io.Externalizable;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides class by class: may it be stored, and can Kryo do it faithfully. Remembers its answers for one application;
 * safe for use by many threads.
 */
public final class StorableClasses {
    /** More than anybody needs: the JVM keeps a class for each dimension as long as the application. */
    private static final int MAX_DIMENSIONS = 8;

    private static final Pattern CLASS_NAME =
            Pattern.compile("\\[*(\\p{javaJavaIdentifierStart}[\\p{javaJavaIdentifierPart}.\\-]*;?)");

    private static final int MAX_CLASS_NAME = 1024;

    /** As what the JDK writes a lambda. */
    public static final String LAMBDA_FORM = "java.lang.invoke.SerializedLambda";

    /** The JDK's, behind the proxy that an annotation is; it is written with it and by itself refused. */
    public static final String ANNOTATION_HANDLER = "sun.reflect.annotation.AnnotationInvocationHandler";

    /** The JDK names a lambda's class after the one around it. */
    static final String LAMBDA = "$$Lambda";

    private static final Set<String> SERIALIZATION_METHODS =
            Set.of("writeObject", "readObject", "readObjectNoData", "writeReplace", "readResolve");

    private final ClassLoader loader;
    private final ClassPolicy policy;
    private final Predicate<Class<?>> known;
    private final Map<Class<?>, List<Field>> plain = new ConcurrentHashMap<>();
    private final Set<Class<?>> storable = ConcurrentHashMap.newKeySet();
    private final Set<Class<?>> lookedAbove = ConcurrentHashMap.newKeySet();
    private final Set<Class<?>> loaded = ConcurrentHashMap.newKeySet();
    private final StorableProxies proxies;

    /** @param known what can be stored although it is not serializable */
    public StorableClasses(ClassLoader loader, ClassPolicy policy, Predicate<Class<?>> known) {
        this.loader = loader;
        this.policy = policy;
        this.known = known;
        this.proxies = new StorableProxies(loader, this);
    }

    /**
     * Looks up a class that stored bytes name, without initialising it.
     *
     * @throws MalformedBytesException if the policy does not allow it, or the application does not have it
     */
    public Class<?> load(String className) {
        if (className.length() > MAX_CLASS_NAME
                || !CLASS_NAME.matcher(className).matches()) {
            throw new MalformedBytesException("it names a class with a malformed name");
        }
        if (className.lastIndexOf('[') >= MAX_DIMENSIONS) {
            throw new MalformedBytesException("it names an array of more than " + MAX_DIMENSIONS + " dimensions");
        }
        if (!policy.allows(className)) {
            throw new MalformedBytesException("it needs class " + className
                    + ", which the class policy does not allow. " + policy.remedy(className));
        }
        Class<?> type = loadSuperClass(className);
        String forbidden = forbiddenAbove(type);
        if (forbidden != null) {
            throw new MalformedBytesException("it needs class " + className + ", whose super class " + forbidden
                    + " the class policy does not allow. " + policy.remedy(forbidden));
        }
        loaded.add(type);
        return type;
    }

    /** A super class needs no permission, but what is refused whoever allows it is not let in by a sub class either. */
    private @Nullable String forbiddenAbove(Class<?> asked) {
        Class<?> type = asked;
        while (type.isArray()) {
            type = type.getComponentType();
        }
        if (lookedAbove.contains(type)) {
            return null;
        }
        // An exception of a library that is known from attacks is none of these: it is told what went wrong.
        boolean thrown = Throwable.class.isAssignableFrom(type);
        for (Class<?> level = type.getSuperclass(); level != null && level != Object.class; ) {
            String name = level.getName();
            if (thrown ? policy.excepts(name) : policy.forbids(name)) {
                return name;
            }
            level = level.getSuperclass();
        }
        lookedAbove.add(type);
        return null;
    }

    /**
     * Looks up the class of a proxy that stored bytes name, see {@link StorableProxies#load}.
     *
     * @throws MalformedBytesException if the policy does not allow it, or the application cannot make it
     */
    public Class<?> loadProxy(String[] interfaceNames) {
        return proxies.load(interfaceNames);
    }

    /** Looks up a class that is allowed because a sub class of it is. */
    public Class<?> loadSuperClass(String className) {
        try {
            return Class.forName(className, false, loader);
        } catch (ClassNotFoundException | LinkageError e) {
            throw new MalformedBytesException("this application has no usable class " + className + " (" + e + ")");
        }
    }

    /** Refuses what can be stored in no way: {@link NotStorableException}. */
    public void requireStorable(Class<?> type) {
        if (!storable.contains(type)) {
            refuse(type);
            storable.add(type);
        }
    }

    private void refuse(Class<?> type) {
        if (SerializedAsJdk.class.isAssignableFrom(type)) {
            return; // what it writes in its place is looked at when it does
        }
        if (isLambda(type)) {
            requireLambda(type);
            return;
        }
        if (Proxy.isProxyClass(type)) {
            requireProxy(type);
            return;
        }
        // As above: bytes do not name its class. One that they did is not asked, which loads what its methods name.
        if (!loaded.contains(type) && isReplaced(type)) {
            return;
        }
        // First: permission would not help.
        if (!type.isHidden()
                && !type.isArray()
                && !Serializable.class.isAssignableFrom(type)
                && !type.isRecord()
                && !known.test(type)) {
            throw NotStorableException.notSerializable(type.getName());
        }
        requireReadable(type);
    }

    /**
     * Whether JDK serialization, which alone stores such an object, asks it what to write in its place: the form of an
     * immutable collection, the entity behind a proxy that Hibernate has made of it.
     */
    private static boolean isReplaced(Class<?> type) {
        return Serializable.class.isAssignableFrom(type)
                && !Enum.class.isAssignableFrom(type)
                && StorabilityCheck.isReplaced(type);
    }

    /** Whether lambdas may be read back: each is code that the application made for another purpose. */
    public boolean allowsLambdas() {
        return policy.allowsLambdas();
    }

    /** A lambda or a method reference is written as what made it: the class around it and what it holds. */
    private static boolean isLambda(Class<?> type) {
        return type.isHidden() && type.isSynthetic() && type.getName().contains(LAMBDA);
    }

    private void requireLambda(Class<?> type) {
        if (!Serializable.class.isAssignableFrom(type)) {
            throw NotStorableException.notSerializableLambda(type.getName());
        }
        String maker = type.getName().substring(0, type.getName().indexOf(LAMBDA));
        if (!allowsLambdas()) {
            throw NotStorableException.noLambdas(policy, type.getName());
        }
        if (!policy.allows(maker)) {
            policy.lacks(maker);
            throw NotStorableException.lambda(policy, type.getName(), maker);
        }
    }

    /** Refuses a proxy that no node could make again: {@link NotStorableException}. */
    public void requireProxy(Class<?> type) {
        proxies.requireReadable(type);
    }

    /**
     * Refuses a class that no node could load from stored bytes; JDK serialization itself looks whether it is
     * Serializable.
     */
    public void requireReadable(Class<?> type) {
        String name = type.getName();
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        if (name.lastIndexOf('[') >= MAX_DIMENSIONS) {
            throw NotStorableException.tooManyDimensions(name, MAX_DIMENSIONS);
        }
        if (element.isHidden() || Proxy.isProxyClass(element)) { // of arrays: nobody can name them
            throw NotStorableException.generated(name);
        }
        String forbidden = forbiddenAbove(element);
        if (!policy.allows(name)) {
            if (forbidden == null && isVisible(element)) {
                policy.lacks(name);
            }
            throw NotStorableException.policy(policy, name);
        }
        if (forbidden != null) {
            throw NotStorableException.superClass(policy, name, forbidden);
        }
        if (!element.isPrimitive() && !isVisible(element)) {
            throw NotStorableException.otherLoader(name);
        }
    }

    /** Whether the application would find this very class by its name. */
    private boolean isVisible(Class<?> type) {
        try {
            return Class.forName(type.getName(), false, loader) == type;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /**
     * The fields by which a class is stored, super classes' included, in an order of their own.
     *
     * @throws NotKryoSafeException if its fields are not all there is to it
     */
    public List<Field> fieldsOf(Class<?> type) {
        List<Field> fields = plain.get(type);
        if (fields == null) {
            fields = findFields(type);
            plain.put(type, fields);
        }
        return fields;
    }

    private static List<Field> findFields(Class<?> type) {
        if (type.isHidden() || Proxy.isProxyClass(type)) {
            throw new NotKryoSafeException(type.getName(), false); // a field of that kind may hold anything
        }
        if (type.isInterface()
                || type.isAnonymousClass()
                || (type.isLocalClass() && !type.isRecord())
                || isInner(type)) {
            throw new NotKryoSafeException(type.getName());
        }
        List<Field> fields = new ArrayList<>();
        for (Class<?> level = type; level != Object.class && level != Record.class; level = level.getSuperclass()) {
            requirePlain(level);
            for (Field field : level.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !Modifier.isTransient(field.getModifiers())) {
                    open(field);
                    fields.add(field);
                }
            }
        }
        fields.sort(Comparator.comparing(Field::getName)
                .thenComparing(field -> field.getDeclaringClass().getName()));
        return List.copyOf(fields);
    }

    private static boolean isInner(Class<?> type) {
        return type.isMemberClass() && !Modifier.isStatic(type.getModifiers());
    }

    private static void requirePlain(Class<?> level) {
        String name = level.getName();
        boolean plain = !name.startsWith("java.")
                && !name.startsWith("javax.")
                && (level.isRecord() || Serializable.class.isAssignableFrom(level))
                && !Externalizable.class.isAssignableFrom(level);
        if (!plain) {
            throw new NotKryoSafeException(name);
        }
        for (var method : level.getDeclaredMethods()) {
            if (SERIALIZATION_METHODS.contains(method.getName()) && isSerializationMethod(method)) {
                throw new NotKryoSafeException(name);
            }
        }
        for (Field field : level.getDeclaredFields()) {
            if (field.getName().equals("serialPersistentFields") && Modifier.isStatic(field.getModifiers())) {
                throw new NotKryoSafeException(name);
            }
        }
    }

    /**
     * A method of that name may be the application's own affair: what JDK serialization calls has at most a stream as
     * parameter.
     */
    private static boolean isSerializationMethod(Method method) {
        Class<?>[] parameters = method.getParameterTypes();
        return parameters.length == 0
                || (parameters.length == 1
                        && (parameters[0] == ObjectOutputStream.class || parameters[0] == ObjectInputStream.class));
    }

    private static void open(Field field) {
        try {
            field.setAccessible(true);
        } catch (RuntimeException e) { // InaccessibleObjectException: a module that is not open
            throw new NotKryoSafeException(field.getDeclaringClass().getName());
        }
    }
}
