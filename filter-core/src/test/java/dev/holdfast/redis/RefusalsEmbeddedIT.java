package dev.holdfast.redis;

import dev.holdfast.testing.RedisProcess;

/** The same by the Redis 6.2 that comes with the tests, which wraps what it refuses inside scripts. */
class RefusalsEmbeddedIT extends RefusalsIT {
    @Override
    RedisProcess launch(String... arguments) {
        return RedisProcess.startEmbedded(arguments);
    }
}
