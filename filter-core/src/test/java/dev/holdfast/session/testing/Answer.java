package dev.holdfast.session.testing;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionId;
import org.jspecify.annotations.Nullable;

/**
 * What a browser gets.
 *
 * @param status 200, or 503 for a refused request
 * @param epoch the epoch cookie that it sets
 * @param id the session cookie that it sets
 */
public record Answer(
        int status, @Nullable Epoch epoch, @Nullable SessionId id) {}
