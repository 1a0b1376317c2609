package dev.holdfast.cli;

import dev.holdfast.redis.OperatorView;
import dev.holdfast.session.SessionId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Logs somebody out. */
@Command(
        name = "end",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Ends sessions for good, on all nodes within two seconds.",
            "Their listeners are told within fifteen seconds or so, by one of the nodes, as those of idle sessions are."
        })
final class EndCommand extends ApplicationCommand {
    @Parameters(
            paramLabel = "ID",
            arity = "1..*",
            description = "The id of each, or the first four characters of it or more.")
    private List<String> ids = new ArrayList<>();

    @Override
    int run(OperatorView view, String application) {
        // Which they are is settled before any of them ends.
        List<SessionId> sessions =
                ids.stream().map(id -> sessionOf(view, application, id)).toList();
        List<Map<String, Object>> ends = new ArrayList<>();
        Set<Integer> codes = new TreeSet<>();
        try {
            for (SessionId session : sessions) {
                OperatorView.End end = view.end(session);
                ends.add(Json.object("session", shown(session), "end", end.name()));
                codes.add(exitCode(end));
                if (!isJson()) {
                    say("Session " + session + " " + meaning(end) + ".");
                }
            }
        } finally {
            if (isJson()) {
                Json.print(out(), ends); // also if Redis goes away in the middle
            }
        }
        return codes.contains(ExitCode.NOT_DONE) ? ExitCode.NOT_DONE : Collections.max(codes);
    }

    private static String meaning(OperatorView.End end) {
        return switch (end) {
            case CLAIMED -> "has ended: no node serves it from within two seconds, and a node tells its listeners";
            case GONE -> "is not there, or has ended before";
            case RENAMED -> "goes on under another id, as after a login, which Redis does not tell: it was not ended";
            case DAMAGED ->
                "was damaged and is put aside (HF-233): nobody is served with it, and nobody tells its listeners";
            case OF_ANOTHER_VERSION ->
                "was written by another version of Holdfast, so it was left alone: take the JAR of that version";
            case IN_RECOVERY ->
                "was not ended: Redis has lost its data, and the nodes are sending it again. Try again when they have";
        };
    }

    private static int exitCode(OperatorView.End end) {
        return switch (end) {
            case CLAIMED -> ExitCode.DONE;
            case GONE, DAMAGED -> ExitCode.NOT_THERE;
            case RENAMED, OF_ANOTHER_VERSION, IN_RECOVERY -> ExitCode.NOT_DONE;
        };
    }
}
