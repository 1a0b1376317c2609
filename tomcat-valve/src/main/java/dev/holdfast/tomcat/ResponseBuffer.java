package dev.holdfast.tomcat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.apache.catalina.connector.OutputBuffer;
import org.apache.catalina.connector.Response;
import org.jspecify.annotations.Nullable;

/**
 * The buffer in which Tomcat gathers an answer before it commits it. For a request that uses its session it is raised:
 * as long as nothing has left, a change that is refused is a clean 503, and not half a page. The next request that has
 * the same response object finds Tomcat's own buffer again.
 *
 * <p><b>Implementation note.</b> Tomcat's {@code setBufferSize} refuses once something was written, throws away what it
 * holds, and stays raised for all that the pooled response serves later, whatever application that is of. So the buffer
 * is exchanged with its content, in a field that is not public, the same in 10.1 and 11; where it is missing,
 * {@code setBufferSize} has to do. The raised buffer belongs to the response object and is kept with it: it is
 * allocated once, not for each request, and bytes of one connection never come into reach of another.
 *
 * <p>Not safe for use while another thread writes: only the thread that the container has at work on a request may
 * raise its buffer, and only while the application has not gone on asynchronously.
 */
final class ResponseBuffer {
    /** Of Coyote's notes, which outlive a request, 17 to 31 are nobody's. */
    private static final int NOTE = 27;

    private static final @Nullable Fields FIELDS = Fields.find();

    private final ByteBuffer raised;
    private ByteBuffer own;

    private ResponseBuffer(ByteBuffer raised, ByteBuffer own) {
        this.raised = raised;
        this.own = own;
    }

    @SuppressWarnings("ReferenceEquality") // this very buffer, not one that holds the same bytes
    private boolean isRaised(ByteBuffer buffer) {
        return raised == buffer;
    }

    /** Where Tomcat has the buffer of a response. */
    private record Fields(VarHandle output, VarHandle bytes) {
        /** Null if this Tomcat is not built as expected. */
        static @Nullable Fields find() {
            try {
                return new Fields(
                        handle(Response.class, "outputBuffer", OutputBuffer.class),
                        handle(OutputBuffer.class, "bb", ByteBuffer.class));
            } catch (ReflectiveOperationException e) {
                return null;
            }
        }

        private static VarHandle handle(Class<?> in, String name, Class<?> type) throws ReflectiveOperationException {
            return MethodHandles.privateLookupIn(in, MethodHandles.lookup()).findVarHandle(in, name, type);
        }

        ByteBuffer get(Response response) {
            return (ByteBuffer) bytes.get((OutputBuffer) output.get(response));
        }

        void set(Response response, ByteBuffer buffer) {
            bytes.set((OutputBuffer) output.get(response), buffer);
        }
    }

    /**
     * Makes the buffer hold so many bytes, with what it holds already. Does nothing if it is as large, or larger.
     *
     * @param response of which nothing has left yet
     */
    static void raise(Response response, int bytes) {
        if (response.getBufferSize() >= bytes) {
            return; // also because the application has asked for more
        }
        Fields fields = FIELDS;
        if (fields == null) {
            raisePlainly(response, bytes);
            return;
        }
        ByteBuffer now = fields.get(response);
        ResponseBuffer kept = of(response);
        ByteBuffer own = kept != null && kept.isRaised(now) ? kept.own : now; // raised for two applications in turn
        if (kept == null || kept.raised.capacity() < bytes) {
            kept = new ResponseBuffer(ByteBuffer.allocate(bytes), own);
            response.getCoyoteResponse().setNote(NOTE, kept);
        }
        kept.own = own;
        kept.raised.clear().put(now.duplicate()).flip(); // Tomcat has its content between position and limit
        now.rewind().limit(0);
        fields.set(response, kept.raised);
    }

    /** By what is public, as long as Tomcat lets anybody do so: until something was written. */
    static void raisePlainly(Response response, int bytes) {
        if (response.getContentWritten() == 0) {
            response.setBufferSize(bytes);
        }
    }

    /** Before a request: gives a response whose buffer was raised for an earlier one Tomcat's own buffer again. */
    static void giveBack(Response response) {
        Fields fields = FIELDS;
        ResponseBuffer kept = of(response);
        // Not if something was written before this request came here, nor if Tomcat has let go of a large one itself.
        if (fields != null && kept != null && kept.isRaised(fields.get(response)) && !kept.raised.hasRemaining()) {
            fields.set(response, kept.own);
        }
    }

    private static @Nullable ResponseBuffer of(Response response) {
        return response.getCoyoteResponse().getNote(NOTE) instanceof ResponseBuffer kept ? kept : null;
    }
}
