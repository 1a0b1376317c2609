package dev.holdfast.redis.client;

import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * One command of a round trip.
 *
 * @param script null for a plain command
 * @param command EVALSHA for a script
 * @param arguments each a String, byte[] or Long
 */
public record RedisCommand(@Nullable LuaScript script, Command command, List<String> keys, List<?> arguments) {
    public static RedisCommand plain(Command command, String key, Object... arguments) {
        return new RedisCommand(null, command, List.of(key), List.of(arguments));
    }

    public static RedisCommand script(LuaScript script, List<String> keys, List<?> arguments) {
        return new RedisCommand(script, Command.EVALSHA, keys, arguments);
    }

    /** The command in its short form: a script by its name. */
    CommandArguments brief() {
        return script == null ? build(new CommandArguments(command)) : byName(Command.EVALSHA, script.sha());
    }

    /** The command for a server that does not know the script yet. */
    CommandArguments whole() {
        return script == null ? brief() : byName(Command.EVAL, script.text());
    }

    private CommandArguments byName(Command eval, String name) {
        return build(new CommandArguments(eval).add(name).add(keys.size()));
    }

    private CommandArguments build(CommandArguments all) {
        for (String key : keys) {
            all.key(key);
        }
        for (Object argument : arguments) {
            all.add(argument);
        }
        return all;
    }
}
