package dev.holdfast.redis.client;

import dev.holdfast.config.RedisLogin;
import dev.holdfast.session.Shown;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Makes connections: who we are at Redis, and whether we speak TLS. Safe for use by many threads.
 *
 * @param tls null for none
 */
record Connector(Login login, @Nullable Tls tls) {
    /** Who we are. */
    record Login(RedisLogin who, int database) {
        static final Login NONE = new Login(RedisLogin.NONE, 0);

        /**
         * The password as it is now; null for none.
         *
         * @throws RedisConnectException if its file cannot be read
         */
        @Nullable
        String password() throws RedisConnectException {
            try {
                return who.currentPassword();
            } catch (IOException e) {
                throw new RedisConnectException(
                        "was not logged in to, the file with the password cannot be read, " + Shown.text(e.toString()),
                        "HF-423: Let the user of the server read " + who.file()
                                + ", and let its first line be the password.",
                        false,
                        e);
            }
        }

        @Override
        public String toString() {
            return "database " + database; // the rest is secret
        }
    }

    /**
     * Connects, shakes hands, logs in, and asks which server this is, the last three in one round trip.
     *
     * @param deadline by {@link OwnTime}
     * @param waiter hears what comes, and may give up before; null for none
     * @param unanswered takes a connection on which Redis said nothing in time, and has to close it
     * @throws RedisConnectException if the connection could not be made safe
     * @throws JedisDataException if Redis refuses us
     */
    RedisConnection open(
            Endpoint endpoint, long deadline, @Nullable Waiter waiter, Consumer<RedisConnection> unanswered)
            throws IOException {
        String password = login.password();
        try {
            return open(endpoint, deadline, waiter, unanswered, password);
        } catch (JedisDataException e) {
            // Between the reading of its file and the login it was another one, perhaps.
            String now = RedisError.of(e) == RedisError.WRONGPASS ? login.password() : password;
            if (Objects.equals(now, password)) {
                throw e;
            }
            return open(endpoint, deadline, waiter, unanswered, now);
        }
    }

    private RedisConnection open(
            Endpoint endpoint,
            long deadline,
            @Nullable Waiter waiter,
            Consumer<RedisConnection> unanswered,
            @Nullable String password)
            throws IOException {
        BoundedSocket socket = BoundedSocket.connect(endpoint.host(), endpoint.port(), deadline, waiter);
        RedisConnection connection;
        boolean safe = false;
        try {
            connection = new RedisConnection(endpoint, socket, tls == null ? socket : tls.over(socket, endpoint));
            safe = true;
        } finally {
            if (!safe) {
                socket.end();
            }
        }
        boolean closes = true;
        try {
            connection.introduce(login.who().user(), password, login.database());
            closes = false;
            return connection;
        } catch (JedisConnectionException e) {
            if (e.getCause() instanceof SocketTimeoutException) {
                closes = false;
                unanswered.accept(connection);
            } else if (tls != null) {
                throw Tls.brokenOff(e);
            }
            throw e;
        } finally {
            if (closes) {
                connection.close();
            }
        }
    }

    /** As {@link #open(Endpoint, long, Waiter, Consumer)}, for something that is asked once. */
    RedisConnection open(Endpoint endpoint, long deadline) throws IOException {
        return open(endpoint, deadline, null, RedisConnection::close);
    }
}
