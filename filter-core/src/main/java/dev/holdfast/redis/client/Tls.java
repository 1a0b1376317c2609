package dev.holdfast.redis.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS to Redis: whom we believe, and what a failed handshake means. The name in the certificate is always checked. Safe
 * for use by many threads.
 *
 * <p><b>Implementation note.</b> The JDK's TLS socket is laid over a {@link BoundedSocket} and has no other way to the
 * network, so the handshake, the records and the farewell end with the request's deadline, in both directions. Proved
 * by {@code RedisTlsIT}.
 */
final class Tls {
    private final SSLSocketFactory sockets;
    private final String trusted;

    private Tls(SSLSocketFactory sockets, String trusted) {
        this.sockets = sockets;
        this.trusted = trusted;
    }

    /** @param authorities who may have signed the server's certificate; empty: whom Java believes */
    static Tls trusting(List<X509Certificate> authorities) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, authorities.isEmpty() ? null : trustManagers(authorities), null);
            return new Tls(
                    context.getSocketFactory(),
                    authorities.isEmpty()
                            ? "one of the authorities that Java knows: set holdfast.redis.ca to the PEM file of the"
                                    + " authority that signed it"
                            : "an authority of holdfast.redis.ca: that file must hold the certificate of the authority"
                                    + " that signed it");
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("This Java cannot do TLS: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trustManagers(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("ca" + i, authorities.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /**
     * Shakes hands over a connected socket.
     *
     * @throws RedisConnectException if the other side is not whom we mean, or does not speak TLS
     */
    Socket over(BoundedSocket plain, Endpoint endpoint) throws IOException {
        SSLSocket socket = (SSLSocket) sockets.createSocket(plain, endpoint.host(), endpoint.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        try {
            socket.startHandshake();
        } catch (IOException e) {
            throw explained(e);
        }
        return socket;
    }

    /**
     * A server that wants a certificate of ours ends the connection behind the handshake, often before its reason can
     * be read.
     */
    static RedisConnectException brokenOff(Exception failure) {
        return RedisConnectException.silence(
                "broke the connection behind the TLS handshake",
                "HF-415: It may want a certificate from its clients, and Holdfast has none: set tls-auth-clients to no"
                        + " in Redis, and let a user and its password say who we are. Otherwise see its log.",
                failure);
    }

    private RedisConnectException explained(IOException failure) {
        if (has(failure, CertificateExpiredException.class)) {
            return because(
                    failure,
                    "showed a certificate that has expired",
                    "HF-413: Give Redis a new one; no node is to be restarted.");
        }
        if (has(failure, CertificateNotYetValidException.class)) {
            return because(
                    failure,
                    "showed a certificate that is not valid yet",
                    "HF-414: Set the clock of this machine, or of the one that made the certificate.");
        }
        if (has(failure, CertPathBuilderException.class) || has(failure, CertPathValidatorException.class)) {
            return because(
                    failure,
                    "showed a certificate that cannot be trusted",
                    "HF-411: It is not signed by " + trusted + ".");
        }
        if (has(failure, CertificateException.class)) {
            return because(
                    failure,
                    "showed a certificate of another name",
                    "HF-412: Call Redis in holdfast.redis by a name of its certificate, or give it one that has this"
                            + " name as subjectAltName. Nodes of a cluster, and the primary of sentinels, are called as"
                            + " the others name them.");
        }
        String words = words(failure);
        if (words.contains("certificate_required") || words.contains("bad_certificate")) {
            return brokenOff(failure);
        }
        if (words.contains("unrecognized SSL message")) {
            return RedisConnectException.silence(
                    "did not answer as a TLS port does",
                    "HF-416: Name the tls-port of Redis in holdfast.redis, or begin it with redis in place of rediss"
                            + " if that port is a plain one.",
                    failure);
        }
        // What the network says comes through as it is: nobody has disagreed yet.
        if (has(failure, InterruptedIOException.class)
                || has(failure, EOFException.class)
                || has(failure, SocketException.class)) {
            return RedisConnectException.silence(
                    "took the connection and did not answer the TLS handshake",
                    "HF-416: It may stand still, or be gone behind a balancer: look at it, and at its log. If it never"
                            + " answers, name the tls-port of Redis in holdfast.redis.",
                    failure);
        }
        return because(
                failure, "did not agree on TLS", "HF-417: See its log, and tls-protocols and tls-ciphers there.");
    }

    private static RedisConnectException because(IOException failure, String problem, String remedy) {
        return new RedisConnectException(problem + ", \"" + words(failure) + "\"", remedy, false, failure);
    }

    /** The words of the innermost cause, which name the certificate's fault. */
    private static String words(Throwable failure) {
        String words = "";
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e.getMessage() != null && (e instanceof SSLException || e instanceof GeneralSecurityException)) {
                words = e.getMessage();
            }
        }
        return words;
    }

    private static boolean has(Throwable failure, Class<? extends Throwable> type) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (type.isInstance(e)) {
                return true;
            }
        }
        return false;
    }
}
