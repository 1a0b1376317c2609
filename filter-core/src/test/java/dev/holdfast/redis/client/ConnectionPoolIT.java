package dev.holdfast.redis.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Whose connections are handed out, of a real Redis and a primary that may have a successor. */
class ConnectionPoolIT {
    /** As by who connects to one that stands still, while others have found its successor. */
    @Test
    void connectionToOneThatHasASuccessorByNowIsNotUsed() throws Exception {
        try (RedisProcess redis = RedisProcess.start()) {
            AtomicBoolean former = new AtomicBoolean();
            AtomicInteger heard = new AtomicInteger();
            ConnectionPool pool = new ConnectionPool(new Connector(Connector.Login.NONE, null), new PrimaryLocator() {
                @Override
                public Location find(long deadline) {
                    return new Location(new Endpoint("127.0.0.1", redis.port()), 1);
                }

                @Override
                public boolean isFormer(Location location) {
                    return former.get();
                }

                @Override
                public void doubt() {
                    // there is no other
                }

                @Override
                public boolean moves() {
                    return true;
                }
            });
            pool.onOtherPrimary(heard::incrementAndGet);
            former.set(true);

            assertThatThrownBy(() -> pool.take(deadline(), false, null))
                    .isInstanceOf(FormerPrimaryException.class)
                    .hasMessage("127.0.0.1:" + redis.port() + " is no longer the primary");
            assertThat(pool.busy()).isZero();
            former.set(false);
            RedisConnection connection = pool.take(deadline(), false, null);
            pool.giveBack(connection);
            assertThat(heard).hasValue(0);

            // Nor is one that is idle, when its successor has been found and cannot be reached.
            assertThat(pool.leadsToThePrimary(connection)).isTrue();
            former.set(true);
            assertThat(pool.leadsToThePrimary(connection)).isFalse();
            assertThatThrownBy(() -> pool.take(deadline(), false, null)).isInstanceOf(FormerPrimaryException.class);
            pool.close();
        }
    }

    private static long deadline() {
        return OwnTime.now() + Duration.ofSeconds(5).toNanos();
    }
}
