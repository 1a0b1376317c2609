package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.MalformedBytesException;
import java.lang.reflect.Array;
import org.jspecify.annotations.Nullable;

/** An array of objects, arrays of arrays included, each element with its class. */
final class ArraySerializer extends Serializer<@Nullable Object[]> {
    private final Class<?> componentType;

    ArraySerializer(Class<?> componentType) {
        this.componentType = componentType;
    }

    @Override
    public void write(Kryo kryo, Output output, @Nullable Object[] array) {
        ((GraphKryo) kryo).writeElements(output, array);
    }

    @Override
    public @Nullable Object[] read(Kryo kryo, Input input, Class<? extends @Nullable Object[]> type) {
        @Nullable
        Object[] array = (@Nullable Object[]) Array.newInstance(componentType, ((GuardedInput) input).readLength());
        kryo.reference(array);
        for (int i = 0; i < array.length; i++) {
            Object element = kryo.readClassAndObject(input);
            if (element != null && !componentType.isInstance(element)) {
                throw new MalformedBytesException("a stored "
                        + element.getClass().getName() + " does not fit an array of " + componentType.getName());
            }
            array[i] = element;
        }
        return array;
    }
}
