package dev.holdfast.cli;

import dev.holdfast.redis.OperatorView;
import dev.holdfast.redis.RegistryView;
import dev.holdfast.redis.RegistryView.Node;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.StoreUnavailableException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a node out of service, and back. */
@Command(
        name = "drain",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Lets a node drain before it is stopped; all applications of its server drain with it.",
            "It ends with the node: one that is started again serves."
        })
final class DrainCommand extends ApplicationCommand {
    /** Nodes read their orders each second, and answer with the next look; a busy one later. */
    private static final int SECONDS = 15;

    private static final long PAUSE_MILLIS = 250;

    /** So often in a row, for three seconds: a node that has only just read an order has not looked at it yet. */
    private static final int LOOKS = 12;

    /** What is to become of it. */
    enum How {
        /** Its health path answers 404, so that the balancer sends it no new browsers. */
        soft,
        /** And those that it has are sent to other nodes. */
        move,
        /** It drains no more. */
        end
    }

    @Parameters(index = "0", paramLabel = "NODE", description = "The name of the node, as nodes shows it.")
    private String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "HOW",
            description = "soft: holdfast.health.path answers 404, so that the balancer sends no new browsers. move,"
                    + " which is meant if nothing is said: those that the node has are sent to other nodes, too. end:"
                    + " what this command has ordered before is taken back.",
            defaultValue = "move")
    private How how = How.move;

    @Option(names = "--force", description = "Also if no other node serves the application and stays.")
    private boolean force;

    @Override
    int run(OperatorView view, String application) throws InterruptedException {
        if (force && how == How.end) {
            throw wrong("--force is of no use with end.");
        }
        RegistryView registry = view.registry();
        List<Node> live = registry.nodes().stream().filter(Node::isLive).toList();
        List<Node> named = live.stream()
                .filter(node -> NodesCommand.name(node.node()).equals(name))
                .toList();
        if (named.isEmpty()) {
            List<String> names =
                    live.stream().map(node -> NodesCommand.name(node.node())).toList();
            throw new NotDoneException(
                    ExitCode.NOT_THERE,
                    "No node of " + application + " has this name. "
                            + (names.isEmpty() ? "None is there." : "There are " + String.join(", ", names) + "."));
        }
        boolean others = live.stream()
                .anyMatch(node -> !named.contains(node) && node.node().stage() == LiveNode.Stage.SERVES);
        if (how != How.end && !others && !force) {
            throw new NotDoneException(
                    ExitCode.NOT_DONE,
                    name + " does not drain (HF-141): no other node serves " + application
                            + " and stays, so its browsers could go nowhere. Start another one, or say --force.");
        }
        String order = how == How.end ? "" : how.name() + (force ? " force" : "");
        named.forEach(each -> registry.order(each.node(), order));
        require(answer(registry, named, order), registry, named);
        if (isJson()) {
            Json.print(out(), Json.object("node", name, "drains", how != How.end));
        } else {
            say(name + (how == How.end ? " drains no more." : " drains."));
        }
        return ExitCode.DONE;
    }

    private enum Answer {
        FOLLOWED,
        REFUSED,
        /** It has left the registry meanwhile. */
        GONE
    }

    /** What all of these nodes have answered; empty if one of them has not, in time. */
    private Optional<Answer> answer(RegistryView registry, List<Node> named, String order) throws InterruptedException {
        Set<String> incarnations =
                named.stream().map(each -> each.node().incarnation()).collect(Collectors.toSet());
        int followed = 0;
        int refused = 0;
        for (int i = 0; i < TimeUnit.SECONDS.toMillis(SECONDS) / PAUSE_MILLIS; i++) {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            List<Node> those;
            try {
                those = registry.nodes().stream()
                        .filter(node -> node.isLive()
                                && incarnations.contains(node.node().incarnation()))
                        .toList();
            } catch (StoreUnavailableException e) {
                throw new NotDoneException(
                        ExitCode.NOT_ASKED, e.getMessage() + " What " + name + " was told stands in Redis.");
            }
            if (those.size() < named.size()) {
                return Optional.of(Answer.GONE);
            }
            followed = those.stream().allMatch(node -> isFollowed(node, order)) ? followed + 1 : 0;
            refused += those.stream().anyMatch(node -> isAnswered(node, order, false)) ? 1 : 0;
            if (followed > 0 && (how != How.end || followed >= LOOKS)) {
                return Optional.of(Answer.FOLLOWED);
            }
            if (refused >= LOOKS) {
                return Optional.of(Answer.REFUSED);
            }
        }
        return Optional.empty();
    }

    private boolean isFollowed(Node node, String order) {
        LiveNode.Stage stage = node.node().stage();
        return how == How.end
                ? stage == LiveNode.Stage.SERVES || stage == LiveNode.Stage.STARTS
                : isAnswered(node, order, true);
    }

    private static boolean isAnswered(Node node, String order, boolean yes) {
        return new NodeRegistry.Order(order, yes).equals(node.order());
    }

    /** @param named as they stood there before: an order that is not followed gives way to the one before */
    private void require(Optional<Answer> answer, RegistryView registry, List<Node> named) {
        if (answer.equals(Optional.of(Answer.FOLLOWED))) {
            return;
        }
        if (how != How.end) {
            named.forEach(each -> registry.order(each.node(), textOf(each)));
        }
        if (answer.equals(Optional.of(Answer.GONE))) {
            throw new NotDoneException(ExitCode.NOT_THERE, name + " has left: it is not there any more.");
        }
        if (how == How.end) {
            throw new NotDoneException(
                    ExitCode.NOT_DONE,
                    name + " drains on: its file (holdfast.drain.file), JMX, or this command for another application of"
                            + " its server has told it to, or it is being stopped.");
        }
        throw new NotDoneException(
                ExitCode.NOT_DONE,
                answer.isPresent()
                        ? name + " does not follow that, and goes on as before: its log says why (HF-140, HF-141,"
                                + " HF-146 or HF-148)."
                        : name + " has not answered within " + SECONDS + " seconds, so the order was taken back. A"
                                + " version of Holdfast from before this command does not answer.");
    }

    /** The order that stands there for a node; empty for none. */
    private static String textOf(Node node) {
        NodeRegistry.Order order = node.order();
        return order == null ? "" : order.text();
    }
}
