package dev.holdfast.examples.failover;

import dev.holdfast.examples.check.Check;
import dev.holdfast.examples.check.NodeDidNotStartException;
import dev.holdfast.examples.check.Plan;
import dev.holdfast.examples.check.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code examples/failover/run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "A shop on two Tomcats and a Jetty behind a balancer: kill -9 a node, keep the cart.",
            "Without --check it prints the address of a page to look at and runs until Ctrl-C."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing was lost, and nothing refused but by a kill",
            "1:something was lost or refused",
            "2:could not run; the message says why"
        })
public final class Failover implements Callable<Integer> {

    private static final int LOST_OR_REFUSED = 1;
    private static final int COULD_NOT_RUN = 2;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--check",
            description = "No browser: many sessions change their carts while nodes are killed; ends with one table.")
    private boolean check;

    @Option(
            names = "--embedded",
            description = "Use the bundled Redis and balancer even if the machine has redis-server and haproxy.")
    private boolean embedded;

    @Option(
            names = "--sessions",
            paramLabel = "N",
            description = "With --check: how many sessions, 1 to 2000 (default: ${DEFAULT-VALUE}).",
            defaultValue = "200")
    private int sessions;

    @Option(
            names = "--kills",
            paramLabel = "N",
            description = "With --check: how many kills, 0 to 1000 (default: ${DEFAULT-VALUE}).",
            defaultValue = "20")
    private int kills;

    @Option(
            names = "--manager",
            paramLabel = "holdfast|tomcat",
            description =
                    "Who keeps the sessions (default: ${DEFAULT-VALUE}); tomcat: each container as it is, a check has"
                            + " to fail.",
            defaultValue = "holdfast")
    private Manager manager = Manager.HOLDFAST;

    private Failover() {}

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Failover())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("Could not run: " + failure.getMessage());
                    if (!(failure instanceof CannotRunException || failure instanceof NodeDidNotStartException)) {
                        failure.printStackTrace(command.getErr());
                    }
                    return COULD_NOT_RUN;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws CannotRunException, NodeDidNotStartException, InterruptedException, IOException {
        requireRange("--sessions", sessions, 1, 2000);
        requireRange("--kills", kills, 0, 1000);
        for (String option : List.of("--sessions", "--kills")) {
            if (!check && spec().commandLine().getParseResult().hasMatchedOption(option)) {
                throw new ParameterException(spec().commandLine(), option + " is of use only with --check.");
            }
        }
        try (Stage stage = Stage.start(Project.ofThisRun(), manager, embedded, Failover::say)) {
            return check ? check(stage) : show(stage);
        }
    }

    private void requireRange(String option, int value, int lowest, int highest) {
        if (value < lowest || value > highest) {
            throw new ParameterException(
                    spec().commandLine(),
                    option + " is " + value + ": must be between " + lowest + " and " + highest + ".");
        }
    }

    private CommandSpec spec() {
        return Objects.requireNonNull(spec);
    }

    private int check(Stage stage) throws NodeDidNotStartException, InterruptedException {
        Plan plan = Plan.of(sessions, kills);
        Verdict verdict = new Check(stage.shop(), stage, plan, Failover::say).run();
        if (verdict.isGood()) {
            stage.discardLogs();
        } else {
            say("Logs of all parts are in " + stage.folder() + ".");
        }
        verdict.lines().forEach(Failover::say);
        return verdict.isGood() ? 0 : LOST_OR_REFUSED;
    }

    private static int show(Stage stage) throws IOException, InterruptedException {
        stage.discardLogs();
        try (ControlServer control = ControlServer.start(stage)) {
            say("");
            say("Open    " + control.page());
            say("Log in as ada (password ada), fill the cart, kill the node that answers. Ctrl-C stops everything.");
            new CountDownLatch(1).await();
        }
        return 0;
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
