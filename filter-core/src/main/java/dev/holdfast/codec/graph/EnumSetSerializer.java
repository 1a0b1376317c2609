package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotKryoSafeException;
import java.util.EnumSet;

/** A set of enum constants by their names; empty ones are remembered with their type. */
@SuppressWarnings({"rawtypes", "unchecked"}) // the enum's type is known at run time only
final class EnumSetSerializer extends Serializer<EnumSet> {
    @Override
    public void write(Kryo kryo, Output output, EnumSet set) {
        EnumSet sample = set.isEmpty() ? EnumSet.complementOf(set) : set;
        if (sample.isEmpty()) {
            throw new NotKryoSafeException("java.util.EnumSet of an enum without constants");
        }
        Enum<?> constant = (Enum<?>) sample.iterator().next();
        kryo.writeClass(output, constant.getDeclaringClass());
        Object[] constants = set.toArray();
        output.writeVarInt(constants.length, true);
        for (Object each : constants) {
            output.writeString(((Enum<?>) each).name());
        }
    }

    @Override
    public EnumSet read(Kryo kryo, Input input, Class<? extends EnumSet> type) {
        Registration registration = kryo.readClass(input);
        if (registration == null || !(registration.getSerializer() instanceof EnumSerializer constants)) {
            throw new MalformedBytesException("it holds a set of an enum that is none");
        }
        EnumSet set = EnumSet.noneOf(registration.getType());
        int size = ((GuardedInput) input).readLength();
        for (int i = 0; i < size; i++) {
            set.add(constants.read(kryo, input, registration.getType()));
        }
        return set;
    }
}
