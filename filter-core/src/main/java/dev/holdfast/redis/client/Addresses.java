package dev.holdfast.redis.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a host's name, looked up with a deadline. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> A look-up of the JDK has no deadline, and all of one name wait for each other: where
 * the name server says nothing, each thread that makes a connection would stay there. So it is done by a thread of its
 * own, one for each name at a time, and who cannot wait for it takes the addresses that were known last. Proved by
 * {@code AddressesTest}.
 */
final class Addresses {
    /** So long is waited for an answer where addresses are known. */
    private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final Pattern LITERAL = Pattern.compile("[0-9.]+|.*:.*");

    private static final Addresses SYSTEM = new Addresses(InetAddress::getAllByName);

    private final LookUp lookUp;
    private final Map<String, Known> names = new ConcurrentHashMap<>();

    /** What asks the name server, for as long as that takes. */
    interface LookUp {
        InetAddress[] all(String host) throws UnknownHostException;
    }

    /** A name: who is asked about it, and what was known last. */
    private static final class Known {
        @GuardedBy("this")
        private @Nullable CompletableFuture<List<InetAddress>> asked;

        @GuardedBy("this")
        private long askedAt;

        private volatile List<InetAddress> last = List.of();
        private volatile @Nullable InetAddress took;
    }

    Addresses(LookUp lookUp) {
        this.lookUp = lookUp;
    }

    static Addresses system() {
        return SYSTEM;
    }

    /**
     * All addresses, the one that {@linkplain #took took} a connection last in front.
     *
     * @param deadline by {@link OwnTime}
     * @throws RedisConnectException if there was no answer in time, and none before
     * @throws UnknownHostException if the name is not known
     */
    List<InetAddress> of(String host, long deadline) throws IOException {
        // Whoever is out of time is not to wait.
        long left = deadline - OwnTime.now();
        if (left <= 0) {
            throw new SocketTimeoutException("out of time");
        }
        if (LITERAL.matcher(host).matches()) {
            return List.of(InetAddress.getByName(host)); // asks nobody
        }
        Known known = names.computeIfAbsent(host, name -> new Known());
        List<InetAddress> all = known.last;
        try {
            all = answer(host, known).get(all.isEmpty() ? left : patience(known, left), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            if (all.isEmpty()) {
                throw RedisConnectException.silence(
                        "has a name that was not looked up within " + TimeUnit.NANOSECONDS.toMillis(left) + "ms",
                        "HF-455: See the name servers of this machine, or give the address in holdfast.redis.",
                        e);
            }
        } catch (ExecutionException e) {
            if (all.isEmpty()) {
                throw e.getCause() instanceof UnknownHostException unknown ? unknown : new UnknownHostException(host);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        InetAddress first = known.took;
        if (first == null || !all.contains(first)) {
            return all;
        }
        List<InetAddress> ordered = new ArrayList<>(all);
        ordered.remove(first);
        ordered.add(0, first);
        return ordered;
    }

    private static long patience(Known known, long left) {
        synchronized (known) {
            return Math.max(0, Math.min(left, known.askedAt + SHORT_NANOS - OwnTime.now()));
        }
    }

    private CompletableFuture<List<InetAddress>> answer(String host, Known known) {
        synchronized (known) {
            CompletableFuture<List<InetAddress>> asked = known.asked;
            if (asked != null && !asked.isDone()) {
                return asked;
            }
            CompletableFuture<List<InetAddress>> asking = new CompletableFuture<>();
            known.asked = asking;
            known.askedAt = OwnTime.now();
            Thread thread = new Thread(() -> ask(host, known, asking), "holdfast-name-" + host);
            thread.setDaemon(true);
            thread.setContextClassLoader(Addresses.class.getClassLoader());
            thread.start();
            return asking;
        }
    }

    private void ask(String host, Known known, CompletableFuture<List<InetAddress>> asking) {
        try {
            List<InetAddress> all = List.of(lookUp.all(host));
            known.last = all;
            asking.complete(all);
        } catch (UnknownHostException | RuntimeException | Error e) {
            asking.completeExceptionally(e);
        }
    }

    /** A connection was made to this one. */
    void took(String host, InetAddress address) {
        Known known = names.get(host);
        if (known != null) {
            known.took = address;
        }
    }
}
