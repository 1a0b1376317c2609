package dev.holdfast.redis;

import java.io.IOException;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Makes connections: who we are at Redis, and whether we speak TLS. Safe for use by many threads.
 *
 * @param tls null for none
 */
record Connector(Login login, @Nullable Tls tls) {
    /**
     * Who we are.
     *
     * @param user null for Redis' default user
     * @param password null for none
     */
    record Login(@Nullable String user, @Nullable String password, int database) {
        static final Login NONE = new Login(null, null, 0);

        @Override
        public String toString() {
            return "database " + database; // the rest is secret
        }
    }

    /**
     * Connects, shakes hands, logs in, and asks which server this is, the last three in one round trip.
     *
     * @param deadline by {@link System#nanoTime}
     * @throws NoConnectionException if the connection could not be made safe
     * @throws JedisDataException if Redis refuses us
     */
    RedisConnection open(Endpoint endpoint, long deadline) throws IOException {
        BoundedSocket socket = BoundedSocket.connect(endpoint.host(), endpoint.port(), deadline);
        try {
            return RedisConnection.introduced(
                    endpoint, socket, tls == null ? socket : tls.over(socket, endpoint), login);
        } catch (JedisConnectionException e) {
            socket.close();
            if (tls != null && !(e.getCause() instanceof SocketTimeoutException)) {
                throw Tls.brokenOff(e);
            }
            throw e;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }
}
