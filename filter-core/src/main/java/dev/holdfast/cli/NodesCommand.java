package dev.holdfast.cli;

import dev.holdfast.redis.OperatorView;
import dev.holdfast.redis.RegistryView.Node;
import dev.holdfast.session.AppIdentity;
import dev.holdfast.session.LiveNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Who serves an application. */
@Command(
        name = "nodes",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Lists the nodes of an application as they stand in its registry.")
final class NodesCommand extends ApplicationCommand {
    /** What it does: {@code serves}, {@code drains}, or {@code gone}. */
    static String stage(Node node) {
        return node.isLive() ? node.node().stage().name().toLowerCase(Locale.ROOT) : "gone";
    }

    /** Its name; the address of one that has none of its own. */
    static String name(LiveNode node) {
        return node.route().isEmpty() ? address(node) : node.route();
    }

    /** Its host and port; the host alone of one that did not know its port when it entered. */
    static String address(LiveNode node) {
        return node.address().replaceFirst(":0:.*", "");
    }

    @Override
    int run(OperatorView view, String application) {
        List<Node> nodes = view.registry().nodes();
        if (isJson()) {
            Json.print(out(), nodes.stream().map(NodesCommand::json).toList());
        } else {
            Table table = new Table("NODE", "ADDRESS", "STAGE", "SEEN", "IN RECOVERY", "APPLICATION");
            for (Node each : nodes) {
                LiveNode node = each.node();
                table.add(
                        name(node),
                        address(node),
                        stage(each),
                        Amounts.time(each.seenMillis()) + " ago",
                        Amounts.counted(Long.bitCount(node.unsettled()), "shard"),
                        text(node.application()));
            }
            table.print(out());
        }
        if (nodes.stream().noneMatch(Node::isLive)) {
            complain("No node of " + application + " is there. Is that its name, and this its Redis?");
            return ExitCode.NOT_THERE;
        }
        return ExitCode.DONE;
    }

    private static String text(@Nullable AppIdentity application) {
        return application == null ? "-" : application.toString();
    }

    private static Map<String, Object> json(Node each) {
        LiveNode node = each.node();
        return Json.object(
                "node",
                name(node),
                "address",
                address(node),
                "stage",
                stage(each),
                "seenMillis",
                each.seenMillis(),
                "shardsInRecovery",
                Long.bitCount(node.unsettled()),
                "application",
                text(node.application()));
    }
}
