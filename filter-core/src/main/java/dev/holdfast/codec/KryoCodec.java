package dev.holdfast.codec;

import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.KryoBufferOverflowException;
import dev.holdfast.codec.graph.GraphCodec;
import dev.holdfast.codec.graph.KnownTypes;
import dev.holdfast.codec.graph.TooLargeException;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotKryoSafeException;
import dev.holdfast.codec.policy.NotStorableException;
import dev.holdfast.codec.policy.StorabilityCheck;
import dev.holdfast.codec.policy.StorableClasses;
import dev.holdfast.session.AttributeCodec;
import dev.holdfast.session.Shown;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.NotSerializableException;
import java.util.ConcurrentModificationException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Attributes of one application as bytes: by Kryo where it gives values back as they were, else the whole attribute by
 * JDK serialization. See {@link Envelope} for what stands around the value.
 *
 * <p>Holds classes of the application and must be dropped with it. Safe for use by many threads; each call sets the
 * application's class loader as the thread's and restores what was there, as {@link CurrentInstances} does.
 */
public final class KryoCodec implements AttributeCodec {
    /**
     * The largest attribute in bytes. One that is larger belongs into a database; it would be written again at each
     * change.
     */
    private static final int MAX_ATTRIBUTE_BYTES = 16 * 1024 * 1024;

    /** What one should know of: all of it is encoded, compared and sent again at each change inside. */
    private static final int LARGE_ATTRIBUTE_BYTES = 1024 * 1024;

    /** Names of attributes may be as many as there are users; so few lines need no limit by time. */
    private static final int LARGE_TOLD = 100;

    /** Of a class that a message names. */
    private static final int LONGEST_NAME = 300;

    /** Kryos kept for the next request: about as many threads as encode at one moment. */
    private static final int POOLED = 64;

    private static final String TOO_DEEP = "it is nested too deeply";

    private final ClassLoader applicationLoader;
    private final StorableClasses shapes;
    private final JdkSerialization jdk;
    private final StorabilityCheck valueCheck;
    private final CurrentInstances instances;
    private final int maxSize;
    private final BlockingQueue<GraphCodec> pool = new ArrayBlockingQueue<>(POOLED);

    private final Consumer<String> warn;
    private final Set<String> largeTold = ConcurrentHashMap.newKeySet();

    /** Classes of the application that Kryo was tried with in vain. */
    private final Set<Class<?>> jdkOnly = ConcurrentHashMap.newKeySet();

    /**
     * @param applicationLoader finds every class that stored bytes name
     * @param policy which of them it may look for
     * @param warn takes what an operator should know of the application's attributes, once for each
     */
    public KryoCodec(ClassLoader applicationLoader, ClassPolicy policy, Consumer<String> warn) {
        this(applicationLoader, policy, MAX_ATTRIBUTE_BYTES, warn);
    }

    KryoCodec(ClassLoader applicationLoader, ClassPolicy policy) {
        this(applicationLoader, policy, MAX_ATTRIBUTE_BYTES, line -> {});
    }

    KryoCodec(ClassLoader applicationLoader, ClassPolicy policy, int maxSize) {
        this(applicationLoader, policy, maxSize, line -> {});
    }

    private KryoCodec(ClassLoader applicationLoader, ClassPolicy policy, int maxSize, Consumer<String> warn) {
        this.warn = warn;
        this.applicationLoader = applicationLoader;
        this.maxSize = maxSize;
        this.shapes = new StorableClasses(applicationLoader, policy, KnownTypes::contains);
        this.jdk = new JdkSerialization(shapes, maxSize);
        this.valueCheck = new StorabilityCheck(shapes);
        this.instances = new CurrentInstances(applicationLoader);
    }

    @Override
    public void check(String attribute, Object value) {
        try {
            FacesState.requireStorable(attribute, value);
            valueCheck.check(value);
        } catch (NotStorableException e) {
            throw new IllegalArgumentException(e.describe(attribute));
        }
    }

    @Override
    public boolean isImmutable(Object value) {
        return StorabilityCheck.isImmutable(value);
    }

    @Override
    public byte[] encode(String attribute, Object value) throws UnencodableAttributeException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        Map<?, ?> current = instances.current();
        thread.setContextClassLoader(applicationLoader);
        boolean[] disturbed = new boolean[1];
        try {
            byte[] bytes = encode(attribute, value, disturbed);
            if (bytes.length > LARGE_ATTRIBUTE_BYTES) {
                tellLarge(attribute, value, bytes.length);
            }
            return bytes;
        } catch (NotStorableException e) {
            throw UnencodableAttributeException.ofClass(
                    e.className(), () -> (e.hasPath() ? e : valueCheck.find(value, e)).describe(attribute), e);
        } catch (NotSerializableException e) {
            String className = classNameIn(e);
            if (disturbed[0]) {
                // Kryo stores more than JDK serialization does, and failed for a reason of its own: another thread?
                throw new UnencodableAttributeException(describe(attribute, value, className), e);
            }
            throw UnencodableAttributeException.ofClass(className, () -> describe(attribute, value, className), e);
        } catch (InvalidClassException | UnsupportedOperationException | LinkageError e) {
            // What a class says of itself, whenever it is asked, or what it lacks.
            throw UnencodableAttributeException.ofClass(
                    value.getClass().getName(),
                    () -> "Attribute \"" + attribute + "\" of " + value.getClass() + " cannot be stored: "
                            + e.getClass().getName() + ". Keep it out of the session.",
                    e);
        } catch (TooLargeException | KryoBufferOverflowException e) {
            String what = "takes more than " + maxSize + " bytes. Store less in the session.";
            throw UnencodableAttributeException.ofSize(message(attribute, value, what), null);
        } catch (ConcurrentModificationException e) {
            throw unencodable(attribute, value, "was changed by another thread while it was stored.", e);
        } catch (StackOverflowError e) {
            String what = "is nested too deeply. Store a flatter structure.";
            throw UnencodableAttributeException.ofSize(message(attribute, value, what), e);
        } catch (OutOfMemoryError e) {
            String what = "does not fit into the memory that is left.";
            throw UnencodableAttributeException.ofSize(message(attribute, value, what), e);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) { // whatever code of the application throws that writes itself
            throw unencodable(
                    attribute, value, "cannot be stored: " + e.getClass().getName() + ".", e);
        } finally {
            thread.setContextClassLoader(before);
            instances.restore(current);
        }
    }

    /** The look at classes that goes with this codec. */
    StorabilityCheck valueCheck() {
        return valueCheck;
    }

    private String describe(String attribute, Object value, String className) {
        return valueCheck
                .find(value, NotStorableException.notSerializableByJdk(className))
                .describe(attribute);
    }

    /** The JDK's message is the name of the class; code of the application may say anything. */
    static String classNameIn(NotSerializableException e) {
        String message = String.valueOf(e.getMessage());
        return message.length() <= LONGEST_NAME && message.indexOf(' ') < 0 ? message : "an object";
    }

    private void tellLarge(String attribute, Object value, int bytes) {
        if (largeTold.size() < LARGE_TOLD && largeTold.add(attribute)) {
            warn.accept("HF-305: Attribute \"" + Shown.text(attribute) + "\" of " + value.getClass() + " takes "
                    + bytes / 1024 + " KiB. All of it is encoded at each request that uses it, and sent whole whenever"
                    + " something inside changes. Keep in the session what identifies it, and the rest in a database"
                    + " or a cache.");
        }
    }

    private static UnencodableAttributeException unencodable(
            String attribute, Object value, String what, Throwable cause) {
        return new UnencodableAttributeException(message(attribute, value, what), cause);
    }

    private static String message(String attribute, Object value, String what) {
        return "Attribute \"" + attribute + "\" of " + value.getClass() + " " + what;
    }

    private byte[] encode(String attribute, Object value, boolean[] disturbed) throws IOException {
        int longestBytes = FacesState.longestBytes(attribute);
        if (longestBytes != FacesState.ANY) {
            FacesState.requireStorable(attribute, value);
            return encodeByJdk(value, longestBytes);
        }
        boolean leftOut = jdkOnly.contains(value.getClass());
        byte[] bytes = leftOut ? null : encodeByKryo(value, disturbed);
        if (bytes != null) {
            return bytes;
        }
        try {
            return encodeByJdk(value, longestBytes);
        } catch (NotSerializableException e) {
            // Another value of the class was not for Kryo, which stores more: records that are not Serializable.
            if (leftOut) {
                jdkOnly.remove(value.getClass());
                bytes = encodeByKryo(value, disturbed);
            }
            if (bytes == null) {
                throw e;
            }
            return bytes;
        }
    }

    private byte[] encodeByJdk(Object value, int longestBytes) throws IOException {
        byte[] bytes = jdk.write(value, Envelope.SIZE, longestBytes);
        Envelope.seal(bytes, Envelope.JDK);
        return bytes;
    }

    /**
     * Null if JDK serialization has to do it.
     *
     * @param disturbed is told whether it failed for another reason than the value's classes
     */
    private byte @Nullable [] encodeByKryo(Object value, boolean[] disturbed) {
        Class<?> root = value.getClass();
        GraphCodec kryo = borrow();
        try {
            byte[] bytes = kryo.write(value, Envelope.SIZE);
            giveBack(kryo); // not after anything unexpected: what it left behind is not known
            Envelope.seal(bytes, Envelope.KRYO);
            return bytes;
        } catch (NotKryoSafeException e) {
            giveBack(kryo);
            // What a collection holds may be another thing next time.
            if (e.isOfClass() && !KnownTypes.contains(root) && !root.isArray()) {
                jdkOnly.add(root);
            }
            return null;
        } catch (NotStorableException e) {
            giveBack(kryo); // it unwinds as after NotKryoSafeException, and may be met at each request
            throw e;
        } catch (TooLargeException | KryoBufferOverflowException | ConcurrentModificationException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            disturbed[0] = !isTooDeep(e);
            return null; // nested too deeply for Kryo, or changed meanwhile: JDK serialization will tell
        }
    }

    private static boolean isTooDeep(Throwable e) {
        return e instanceof StackOverflowError
                || (e instanceof KryoException && String.valueOf(e.getMessage()).startsWith("Max depth exceeded"));
    }

    @Override
    public Object decode(String attribute, byte[] bytes) throws UnreadableAttributeException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        Map<?, ?> current = instances.current();
        thread.setContextClassLoader(applicationLoader);
        try {
            boolean byJdk = Envelope.open(bytes, maxSize) == Envelope.JDK;
            FacesState.requireReadable(attribute, byJdk);
            return byJdk ? jdk.read(bytes, Envelope.SIZE, FacesState.longestBytes(attribute)) : decodeByKryo(bytes);
        } catch (MalformedBytesException e) {
            throw unreadable(attribute, e.reason(), e);
        } catch (StackOverflowError e) {
            throw unreadable(attribute, TOO_DEEP, e);
        } catch (VirtualMachineError e) {
            throw e; // says nothing of the bytes
        } catch (Throwable e) { // whatever code of the application throws that reads itself
            throw unreadable(attribute, reasonOf(e), e);
        } finally {
            thread.setContextClassLoader(before);
            instances.restore(current);
        }
    }

    /** Texts of others may hold values: only their kind is told, and the rest is in the cause. */
    private static String reasonOf(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof MalformedBytesException damaged) {
                return damaged.reason();
            }
        }
        if (e instanceof InvalidClassException) {
            return Shown.text(String.valueOf(e.getMessage())); // speaks of classes only
        }
        if (isTooDeep(e)) {
            return TOO_DEEP;
        }
        return "reading it failed with " + e.getClass().getName();
    }

    private static UnreadableAttributeException unreadable(String attribute, String reason, Throwable cause) {
        String stop = reason.endsWith(".") ? "" : ".";
        return new UnreadableAttributeException(
                "Attribute \"" + Shown.text(attribute) + "\" cannot be read: " + Shown.text(reason) + stop, cause);
    }

    private Object decodeByKryo(byte[] bytes) {
        GraphCodec kryo = borrow();
        Object value = kryo.read(bytes, Envelope.SIZE);
        giveBack(kryo); // not after an exception: Kryo cannot be cleaned then
        return value;
    }

    private GraphCodec borrow() {
        GraphCodec kryo = pool.poll();
        return kryo != null ? kryo : GraphCodec.create(shapes, applicationLoader, maxSize);
    }

    private void giveBack(GraphCodec kryo) {
        boolean ignored = pool.offer(kryo);
    }
}
