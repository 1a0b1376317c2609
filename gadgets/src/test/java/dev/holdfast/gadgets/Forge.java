package dev.holdfast.gadgets;

import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.objenesis.ObjenesisStd;

/** Makes objects of an application's classes as whoever forges bytes does: field by field, whatever is private. */
final class Forge {
    private final ClassLoader application;

    Forge(ClassLoader application) {
        this.application = application;
    }

    ClassLoader application() {
        return application;
    }

    Class<?> type(String name) {
        try {
            return Class.forName(name, true, application);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Without a constructor; then its fields, each as its name and its value. */
    Object make(String className, Object... fields) {
        Object made = new ObjenesisStd(false).newInstance(type(className));
        for (int i = 0; i < fields.length; i += 2) {
            set(made, (String) fields[i], fields[i + 1]);
        }
        return made;
    }

    /** By the constructor that takes these arguments. */
    Object construct(String className, Object... arguments) {
        try {
            Constructor<?> constructor = Arrays.stream(type(className).getDeclaredConstructors())
                    .filter(one -> takes(one, arguments))
                    .findFirst()
                    .orElseThrow();
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(className, e);
        }
    }

    /** Calls the method that takes these arguments, a static one if the target is a class. */
    static Object call(Object target, String name, Object... arguments) {
        Class<?> type = target instanceof Class<?> ? (Class<?>) target : target.getClass();
        try {
            for (Class<?> level = type; level != null; level = level.getSuperclass()) {
                for (Method method : level.getDeclaredMethods()) {
                    if (method.getName().equals(name) && takes(method, arguments)) {
                        method.setAccessible(true);
                        return method.invoke(target, arguments);
                    }
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type + "." + name, e);
        }
        throw new IllegalArgumentException(type + "." + name);
    }

    private static boolean takes(Executable executable, Object... arguments) {
        Class<?>[] parameters = executable.getParameterTypes();
        if (parameters.length != arguments.length) {
            return false;
        }
        for (int i = 0; i < parameters.length; i++) {
            Class<?> boxed = MethodType.methodType(parameters[i]).wrap().returnType();
            if (arguments[i] != null && !boxed.isInstance(arguments[i])) {
                return false;
            }
        }
        return true;
    }

    /** What a static field holds. */
    Object constant(String className, String name) {
        try {
            Field field = field(type(className), name);
            field.setAccessible(true);
            return field.get(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(className + "." + name, e);
        }
    }

    /** An array of this type. */
    Object array(String elementType, Object... elements) {
        Object array = Array.newInstance(type(elementType), elements.length);
        for (int i = 0; i < elements.length; i++) {
            Array.set(array, i, elements[i]);
        }
        return array;
    }

    Object proxy(Object handler, Class<?>... interfaces) {
        return Proxy.newProxyInstance(application, interfaces, (InvocationHandler) handler);
    }

    /** Of two elements, which are compared while it is made. */
    static Object queue(Comparator<Object> comparator, Object a, Object b) {
        PriorityQueue<Object> queue = new PriorityQueue<>(comparator);
        queue.add(a);
        queue.add(b);
        return queue;
    }

    static void set(Object target, String name, Object value) {
        try {
            Field field = field(target.getClass(), name);
            field.setAccessible(true);
            field.set(target, value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(target.getClass() + "." + name, e);
        }
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        for (Class<?> level = type; level != null; level = level.getSuperclass()) {
            for (Field field : level.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    return field;
                }
            }
        }
        throw new NoSuchFieldException(name);
    }
}
