package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.MalformedBytesException;
import org.jspecify.annotations.Nullable;

/** An enum constant by its name: its number would mean another constant when a version of the enum inserts one. */
final class EnumSerializer extends Serializer<Enum<?>> {
    private final Class<?> type;
    private Enum<?> @Nullable [] constants;

    EnumSerializer(Class<?> type) {
        this.type = type;
    }

    @Override
    public void write(Kryo kryo, Output output, Enum<?> constant) {
        output.writeString(constant.name());
    }

    @Override
    public Enum<?> read(Kryo kryo, Input input, Class<? extends Enum<?>> ignored) {
        String name = input.readString();
        if (constants == null) {
            constants = (Enum<?>[]) type.getEnumConstants();
        }
        for (Enum<?> constant : constants) {
            if (constant.name().equals(name)) {
                return constant;
            }
        }
        throw new MalformedBytesException("enum " + type.getName() + " has not the stored constant in this version");
    }
}
