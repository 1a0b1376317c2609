package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** A value of the JDK without parts of its own, by two functions. */
final class ValueSerializer<T> extends Serializer<T> {
    private final BiConsumer<Output, T> write;
    private final Function<Input, T> read;

    ValueSerializer(BiConsumer<Output, T> write, Function<Input, T> read) {
        this.write = write;
        this.read = read;
    }

    @Override
    public void write(Kryo kryo, Output output, T value) {
        write.accept(output, value);
    }

    @Override
    public T read(Kryo kryo, Input input, Class<? extends T> type) {
        return read.apply(input);
    }
}
