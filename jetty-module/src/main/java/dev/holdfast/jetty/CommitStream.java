package dev.holdfast.jetty;

import dev.holdfast.session.SessionRefusedException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a request's channel and its connection, and is asked before the first byte leaves on every way a
 * response can be committed: flush, full buffer, close, redirect, error page, asynchronous writes, HTTP/2.
 *
 * <p><b>Implementation note.</b> A refusal is turned into a clean 503 here, whatever the application, or Jetty's error
 * page, wanted to send: nothing has left yet. All that is sent after it is swallowed, and its callbacks succeed, or
 * asynchronous applications would wait for ever. A redirect is kept until the request is complete, because Jetty sends
 * it while the application is still inside, and applications change their session after it. An answer that has begun
 * can only be refused by not ending it; where the end of the connection would be taken for the end of the answer, it is
 * sent in chunks instead.
 */
final class CommitStream extends HttpStream.Wrapper {
    /** How long a refusal that Jetty does not know of may take to leave: as Jetty's idle timeout is by default. */
    private static final long SENDING_SECONDS = 30;

    private final RequestHold hold;

    /**
     * What leaves as the head of the answer is decided once: the application's threads, and a refusal, may want to
     * begin it at a time. Null until then.
     */
    private final AtomicReference<@Nullable Head> head = new AtomicReference<>();

    private volatile @Nullable Redirect redirect;

    /**
     * @param refused whether it is the refusal, whatever was to be sent
     * @param left is complete when nothing of it is being sent any more; at once if Jetty's channel sends it, which
     *     waits for that itself
     */
    private record Head(boolean refused, CompletableFuture<@Nullable Void> left) {
        static final Head OF_JETTY = new Head(false, CompletableFuture.completedFuture(null));
        static final Head REFUSED_BY_JETTY = new Head(true, CompletableFuture.completedFuture(null));
    }

    private record Redirect(MetaData.Request request, MetaData.Response response) {}

    CommitStream(HttpStream wrapped, RequestHold hold) {
        super(wrapped);
        this.hold = hold;
    }

    /** Whether the head of an answer has left, or is about to. */
    boolean hasBegun() {
        return head.get() != null;
    }

    private boolean isAnsweredRefused() {
        Head decided = head.get();
        return decided != null && decided.refused();
    }

    @Override
    public void send(
            MetaData.Request request,
            MetaData.@Nullable Response response,
            boolean last,
            @Nullable ByteBuffer content,
            Callback callback) {
        if (isAnsweredRefused()) {
            callback.succeeded();
        } else if (response != null) {
            sendHead(request, response, last, content, callback);
        } else if (last && !hold.beforeEnd()) {
            callback.failed(
                    hold.refusal()); // the head of a 200 has left: all that can be done is not to end the answer
        } else {
            super.send(request, null, last, content, callback);
        }
    }

    private void sendHead(
            MetaData.Request request,
            MetaData.Response response,
            boolean last,
            @Nullable ByteBuffer content,
            Callback callback) {
        int status = response.getStatus();
        if (HttpStatus.isInterim(status)) {
            super.send(request, response, last, content, callback);
        } else if (last && HttpStatus.isRedirection(status) && BufferUtil.isEmpty(content) && !hold.isRefused()) {
            redirect = new Redirect(request, response);
            callback.succeeded();
        } else {
            sendSaved(request, response, last, content, callback);
        }
    }

    private void sendSaved(
            MetaData.Request request,
            MetaData.Response response,
            boolean last,
            @Nullable ByteBuffer content,
            Callback callback) {
        HttpFields.Mutable fields = HttpFields.build(response.getHttpFields());
        boolean saved = hold.beforeCommit(fields);
        if (!head.compareAndSet(null, saved ? Head.OF_JETTY : Head.REFUSED_BY_JETTY)) {
            callback.succeeded();
        } else if (saved) {
            if (!last && isEndedByConnection(response, fields)) {
                fields.put(HttpHeader.TRANSFER_ENCODING, HttpHeaderValue.CHUNKED);
            }
            super.send(
                    request,
                    new MetaData.Response(
                            response.getStatus(),
                            response.getReason(),
                            response.getHttpVersion(),
                            fields,
                            response.getContentLength(),
                            response.getTrailersSupplier()),
                    last,
                    content,
                    callback);
        } else {
            super.send(request, refused(response), true, null, callback);
        }
    }

    /** Jetty's choice for a client that asks to close and an answer of unknown length; HTTP/1.0 has no other. */
    private static boolean isEndedByConnection(MetaData.Response response, HttpFields fields) {
        return response.getHttpVersion() == HttpVersion.HTTP_1_1
                && response.getContentLength() < 0
                && !fields.contains(HttpHeader.CONTENT_LENGTH)
                && !fields.contains(HttpHeader.TRANSFER_ENCODING);
    }

    /**
     * Answers a refused request whose application will not: it has failed on the refusal after it had begun to answer
     * asynchronously, which Jetty leaves alone until its time is out. Does nothing if an answer has begun.
     *
     * <p>Jetty's channel knows nothing of this answer. Where the application ends its request meanwhile, on another
     * thread, the channel would be done with the connection while the answer is on its way into it, and nobody would
     * get any: {@link #endWhenHeadHasLeft} makes it wait.
     */
    void answerRefused(Request request) {
        CompletableFuture<@Nullable Void> left = new CompletableFuture<>();
        if (head.compareAndSet(null, new Head(true, left))) {
            try {
                sendRefusal(request, Callback.from(InvocationType.NON_BLOCKING, () -> left.complete(null)));
            } catch (Throwable e) {
                left.complete(null);
                throw e;
            }
        }
    }

    private void sendRefusal(Request request, Callback sent) {
        HttpVersion version = request.getConnectionMetaData().getHttpVersion();
        super.send(
                new MetaData.Request(request.getMethod(), request.getHttpURI(), version, HttpFields.EMPTY),
                refused(new MetaData.Response(HttpStatus.SERVICE_UNAVAILABLE_503, null, version, HttpFields.EMPTY)),
                true,
                null,
                sent);
    }

    /** @param failure null if the answer stands */
    private void endWhenHeadHasLeft(@Nullable Throwable failure) {
        Head decided = head.get();
        if (decided == null || decided.left().isDone()) {
            end(failure); // what it throws is for the channel
        } else {
            // A browser that does not read is left to the connection's idle timeout.
            Future<?> unused = decided.left()
                    .completeOnTimeout(null, SENDING_SECONDS, TimeUnit.SECONDS)
                    .thenRun(() -> end(failure));
        }
    }

    private void end(@Nullable Throwable failure) {
        if (failure == null) {
            super.succeeded();
        } else {
            super.failed(failure);
        }
    }

    private MetaData.Response refused(MetaData.Response instead) {
        HttpFields.Mutable fields = HttpFields.build();
        for (HttpField field : instead.getHttpFields()) {
            HttpHeader header = field.getHeader();
            if (header == HttpHeader.CONNECTION || header == HttpHeader.DATE || header == HttpHeader.SERVER) {
                fields.add(field);
            }
        }
        // Another application's session may be the one that was refused.
        SessionRefusedException refusal = hold.isRefused() ? hold.refusal() : null;
        if (refusal == null || refusal.isPassing()) {
            fields.put(HttpHeader.RETRY_AFTER, SessionRefusedException.RETRY_AFTER_SECONDS);
        }
        fields.put(HttpHeader.CACHE_CONTROL, "no-store");
        hold.addCost(fields);
        fields.put(HttpHeader.CONTENT_LENGTH, 0);
        int status = refusal == null ? HttpStatus.SERVICE_UNAVAILABLE_503 : refusal.status();
        return new MetaData.Response(status, null, instead.getHttpVersion(), fields, 0);
    }

    @Override
    public void succeeded() {
        sendKeptRedirect(this::complete, this::fail);
    }

    private void sendKeptRedirect(Runnable sent, Consumer<Throwable> notSent) {
        Redirect kept = redirect;
        if (kept == null) {
            sent.run();
            return;
        }
        redirect = null;
        sendSaved(kept.request(), kept.response(), true, null, new Callback() {
            @Override
            public void succeeded() {
                sent.run();
            }

            @Override
            public void failed(Throwable failure) {
                notSent.accept(failure);
            }

            @Override
            public InvocationType getInvocationType() {
                return InvocationType.BLOCKING; // what was changed late is saved
            }
        });
    }

    private void complete() {
        boolean stands;
        try {
            stands = hold.end();
        } catch (Throwable e) {
            endWhenHeadHasLeft(e); // or the connection would hang until its idle timeout
            return;
        }
        endWhenHeadHasLeft(stands || isAnsweredRefused() ? null : hold.refusal());
    }

    /**
     * Jetty's own redirect would have left before the application failed, or wrote after it: the browser gets it here,
     * too.
     */
    @Override
    public void failed(Throwable failure) {
        sendKeptRedirect(() -> fail(failure), notSent -> fail(failure));
    }

    private void fail(Throwable failure) {
        try {
            hold.end();
        } finally {
            endWhenHeadHasLeft(failure);
        }
    }
}
