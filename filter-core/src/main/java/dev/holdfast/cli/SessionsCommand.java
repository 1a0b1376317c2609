package dev.holdfast.cli;

import dev.holdfast.redis.OperatorView;
import dev.holdfast.redis.StoredSession;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How many sessions there are, and some of them. */
@Command(
        name = "sessions",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Counts the sessions of an application, and lists those that run out last: with one timeout, those used"
                    + " last.",
            "Sessions without timeout are in no index: they are neither counted nor listed."
        })
final class SessionsCommand extends ApplicationCommand {
    private static final int MOST = 1000;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "How many are listed, up to " + MOST + " (default: ${DEFAULT-VALUE}).",
            defaultValue = "20")
    private int limit;

    @Override
    int run(OperatorView view, String application) {
        if (limit < 0 || limit > MOST) {
            throw wrong("--limit must be between 0 and " + MOST + ".");
        }
        long count = view.count();
        List<StoredSession> latest = limit == 0 ? List.of() : view.latest(limit);
        List<String> troubles = view.troubles();
        troubles.forEach(this::complain);
        int code = troubles.isEmpty() ? ExitCode.DONE : ExitCode.NOT_ASKED;
        if (isJson()) {
            Json.print(
                    out(),
                    Json.object(
                            "application",
                            application,
                            "sessions",
                            count,
                            "latest",
                            latest.stream().map(ApplicationCommand::json).toList()));
            return code;
        }
        say(application + " has " + Amounts.counted(count, "session") + ".");
        if (!latest.isEmpty()) {
            Table table = new Table("SESSION", "STATE", "NODE", "IDLE", "TIMEOUT", "AGE", "CHANGES");
            latest.forEach(session -> table.add(
                    shown(session.id()),
                    session.state().name().toLowerCase(Locale.ROOT),
                    node(session),
                    Amounts.time(session.idleMillis()),
                    timeout(session),
                    Amounts.time(session.ageMillis()),
                    session.version()));
            table.print(out());
        }
        return code;
    }
}
