package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.NotKryoSafeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Locale;
import java.util.Objects;
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

    /** Kryo's own forgets which of the two hours it is when the clock is put back. */
    static ValueSerializer<ZonedDateTime> ofZonedDateTime() {
        return new ValueSerializer<>(
                (output, time) -> {
                    output.writeVarLong(time.toEpochSecond(), false);
                    output.writeVarInt(time.getNano(), true);
                    output.writeVarInt(time.getOffset().getTotalSeconds(), false);
                    output.writeString(time.getZone().getId());
                },
                input -> {
                    long second = input.readVarLong(false);
                    int nano = input.readVarInt(true);
                    ZoneOffset offset = ZoneOffset.ofTotalSeconds(input.readVarInt(false));
                    LocalDateTime local = LocalDateTime.ofEpochSecond(second, nano, offset);
                    return ZonedDateTime.ofLocal(local, ZoneId.of(input.readString()), offset);
                });
    }

    /** Kryo's own forgets scripts and extensions. */
    static ValueSerializer<Locale> ofLocale() {
        return new ValueSerializer<>(
                (output, locale) -> {
                    String tag = locale.toLanguageTag();
                    if (!Locale.forLanguageTag(tag).equals(locale)) {
                        throw new NotKryoSafeException("java.util.Locale without a tag of its own", false);
                    }
                    output.writeString(tag);
                },
                input -> Locale.forLanguageTag(Objects.requireNonNull(input.readString())));
    }
}
