package dev.holdfast.codec.graph;

import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotKryoSafeException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.objenesis.instantiator.ObjectInstantiator;
import org.objenesis.strategy.StdInstantiatorStrategy;

/**
 * Makes objects of one class: by its constructor without parameters, so that fields unknown to older bytes begin as the
 * class says, else without any; records by their canonical constructor.
 */
interface Instantiator {
    Object create();

    /** For records: the values of the named components. */
    Object create(String[] names, @Nullable Object[] values);

    static Instantiator of(Class<?> type) {
        return type.isRecord() ? new ByCanonicalConstructor(type) : new ByDefault(type);
    }

    /** See {@link Instantiator}. For one thread at a time. */
    final class ByDefault implements Instantiator {
        private final Class<?> type;
        private @Nullable Constructor<?> constructor;

        /** Kept, because making one takes a hundred times as long as making an object. */
        private @Nullable ObjectInstantiator<?> withoutConstructor;

        ByDefault(Class<?> type) {
            this.type = type;
            try {
                Constructor<?> candidate = type.getDeclaredConstructor();
                candidate.setAccessible(true);
                constructor = candidate;
            } catch (NoSuchMethodException | RuntimeException | LinkageError e) {
                constructor = null;
            }
        }

        @Override
        public Object create() {
            if (Modifier.isAbstract(type.getModifiers())) {
                throw new MalformedBytesException("class " + type.getName() + " is abstract now");
            }
            Constructor<?> own = constructor;
            if (own != null) {
                try {
                    return own.newInstance();
                } catch (InvocationTargetException e) {
                    constructor = null; // it refuses to be called: as JDK serialization does, without it
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e); // it is accessible and the class can be made
                }
            }
            if (withoutConstructor == null) {
                withoutConstructor = new StdInstantiatorStrategy().newInstantiatorOf(type);
            }
            return withoutConstructor.newInstance();
        }

        @Override
        public Object create(String[] names, @Nullable Object[] values) {
            throw new IllegalStateException(type.getName());
        }
    }

    /** See {@link Instantiator}. */
    final class ByCanonicalConstructor implements Instantiator {
        private final Class<?> type;
        private final List<String> componentNames;
        private final Constructor<?> constructor;

        ByCanonicalConstructor(Class<?> type) {
            this.type = type;
            RecordComponent[] components = type.getRecordComponents();
            componentNames =
                    Arrays.stream(components).map(RecordComponent::getName).toList();
            try {
                constructor = type.getDeclaredConstructor(
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
                constructor.setAccessible(true);
            } catch (NoSuchMethodException | RuntimeException e) {
                throw new NotKryoSafeException(type.getName());
            }
        }

        @Override
        public Object create() {
            throw new IllegalStateException(type.getName());
        }

        @Override
        public Object create(String[] names, @Nullable Object[] values) {
            @Nullable Object[] arguments = new @Nullable Object[values.length];
            for (int i = 0; i < names.length; i++) {
                arguments[componentNames.indexOf(names[i])] = values[i];
            }
            try {
                return constructor.newInstance(arguments);
            } catch (InvocationTargetException e) {
                // Only its class: the message may hold a value.
                throw new MalformedBytesException("the constructor of " + type.getName() + " threw "
                        + e.getTargetException().getClass().getName());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e); // it is accessible and the class can be made
            }
        }
    }
}
