package dev.holdfast.cli;

import dev.holdfast.codec.ValueClass;
import dev.holdfast.redis.OperatorView;
import dev.holdfast.redis.StoredSession;
import dev.holdfast.redis.StoredSession.State;
import dev.holdfast.session.Fields;
import dev.holdfast.session.LocalMarker;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.Shown;
import dev.holdfast.session.StoredValue;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What a session holds. */
@Command(
        name = "session",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Shows one session: its node, its times, and of each attribute its class and size.",
            "Values are never shown."
        })
final class SessionCommand extends ApplicationCommand {
    @Parameters(paramLabel = "ID", description = "Its id, or the first four characters of it or more.")
    private String id = "";

    /** One of its values, without the value. */
    private record Held(String name, String kind, String type, int bytes, long changed) {}

    @Override
    int run(OperatorView view, String application) {
        SessionId which = sessionOf(view, application, id);
        StoredSession session = view.find(which);
        if (session == null) {
            throw new NotDoneException(
                    ExitCode.NOT_THERE,
                    "There is no session " + which + " of " + application + ", and nothing tells of its end.");
        }
        List<Held> held = session.values().entrySet().stream()
                .map(SessionCommand::held)
                .sorted(Comparator.comparing(Held::kind).thenComparing(Held::name))
                .toList();
        if (isJson()) {
            Map<String, Object> object = json(session);
            object.put(
                    "values",
                    held.stream()
                            .map(each -> Json.object(
                                    "name",
                                    each.name(),
                                    "kind",
                                    each.kind(),
                                    "class",
                                    each.type(),
                                    "bytes",
                                    each.bytes(),
                                    "changedWithVersion",
                                    each.changed()))
                            .toList());
            Json.print(out(), object);
        } else {
            show(session, held, application);
        }
        return session.state() == State.LIVE ? ExitCode.DONE : ExitCode.NOT_THERE;
    }

    private void show(StoredSession session, List<Held> held, String application) {
        String name = "Session " + session.id() + " of " + application;
        if (session.maxInactiveSeconds() == 0 && session.version() == 0) {
            say(name + " " + meaning(session.state()) + ".");
            return;
        }
        say(name + " " + meaning(session.state())
                + (session.state() == State.LIVE && !session.node().isEmpty()
                        ? ", and " + session.node() + " may serve it from memory"
                        : "")
                + ".");
        say("Created " + Amounts.time(session.ageMillis()) + " ago, last used "
                + Amounts.time(session.idleMillis()) + " ago, timeout " + timeout(session) + ", version "
                + session.version() + ".");
        int bytes = held.stream().mapToInt(Held::bytes).sum();
        say(Amounts.counted(held.size(), "value") + ", " + Amounts.bytes(bytes) + (held.isEmpty() ? "." : ":"));
        if (!held.isEmpty()) {
            Table table = new Table("NAME", "OF", "CLASS", "SIZE", "CHANGED WITH");
            held.forEach(each -> table.add(
                    each.name(),
                    each.kind(),
                    each.type(),
                    Amounts.bytes(each.bytes()),
                    each.changed() == session.version() ? "the last change" : "version " + each.changed()));
            table.print(out());
        }
    }

    private static Held held(Map.Entry<String, StoredValue> entry) {
        boolean isAttribute = entry.getKey().startsWith(Fields.ATTRIBUTE);
        String prefix = isAttribute ? Fields.ATTRIBUTE : Fields.RESERVED;
        byte[] bytes = entry.getValue().bytes();
        return new Held(
                Shown.text(entry.getKey().substring(prefix.length())),
                isAttribute ? "application" : "container",
                LocalMarker.isMarker(bytes)
                        ? "(stays on " + Shown.text(LocalMarker.route(bytes)) + ")"
                        : ValueClass.shown(bytes),
                bytes.length,
                entry.getValue().writtenBy().version());
    }

    private static String meaning(State state) {
        return switch (state) {
            case LIVE -> "lives";
            case ENDING -> "ends: no request is served with it any more, and a node tells its listeners";
            case ENDED -> "has ended";
            case RENAMED -> "goes on under another id";
            case DAMAGED -> "was damaged, and is put aside (HF-233)";
            case OVERDUE -> "has run out, and no node has ended it yet";
            case UNREADABLE -> "cannot be read: it is damaged, or of another version of Holdfast";
        };
    }
}
