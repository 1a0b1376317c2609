package dev.holdfast.redis;

import dev.holdfast.testing.RedisProcess;

/** The same by Valkey. */
class RefusalsValkeyIT extends RefusalsIT {
    @Override
    RedisProcess launch(String... arguments) {
        return RedisProcess.startValkey(arguments);
    }
}
