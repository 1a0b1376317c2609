package dev.holdfast.cli;

import dev.holdfast.check.CheckCommand;
import dev.holdfast.session.Shown;
import dev.holdfast.session.StoreUnavailableException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Map;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;

/** The command line of the JARs; public, since the JVM begins here. */
@Command(
        name = Main.NAME,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Looks at the nodes and the sessions of an application, and tells them what to do.",
            "Redis is found as by the nodes: by HOLDFAST_REDIS and what belongs to it in the environment,"
                    + " HOLDFAST_REDIS_CA, HOLDFAST_TIMEOUT and HOLDFAST_DURABILITY."
        },
        subcommands = {
            CheckCommand.class,
            DoctorCommand.class,
            NodesCommand.class,
            SessionsCommand.class,
            SessionCommand.class,
            EndCommand.class,
            DrainCommand.class,
            WatchCommand.class,
            HelpCommand.class
        },
        exitCodeListHeading = "%nEnds with%n",
        exitCodeList = {
            "0:it is done, or all is good",
            "1:there are findings, or it is not done",
            "2:the command line is wrong, or Redis could not be asked",
            "3:there is no such session or node"
        })
public final class Main implements Surroundings {
    static final String NAME = "java -jar <this file>";

    private final Map<String, String> environment;

    private Main(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Runs the command, and ends the process with its exit code. */
    public static void main(String[] arguments) {
        // What is wrong with Redis stands in the answer of the command: as a warning it would be there twice.
        LogManager.getLogManager().reset();
        System.exit(run(
                System.getenv(),
                writer(System.out, "stdout.encoding"),
                writer(System.err, "stderr.encoding"),
                arguments));
    }

    /** @param encoding the property by which newer Javas tell what the terminal reads */
    private static PrintWriter writer(PrintStream stream, String encoding) {
        String name = System.getProperty(encoding, "");
        Charset charset =
                !name.isEmpty() && Charset.isSupported(name) ? Charset.forName(name) : Charset.defaultCharset();
        return new PrintWriter(stream, true, charset);
    }

    /** @return the exit code */
    static int run(Map<String, String> environment, PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine command = new CommandLine(new Main(environment))
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(Main::wrong)
                .setExecutionExceptionHandler(Main::notDone);
        if (arguments.length == 0) {
            command.usage(err);
            return ExitCode.NOT_ASKED;
        }
        return command.execute(arguments);
    }

    private static int wrong(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        command.getErr().println(Shown.line(String.valueOf(failure.getMessage())));
        command.getErr()
                .println("How it is used says: " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.NOT_ASKED;
    }

    private static int notDone(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
        boolean expected = failure instanceof StoreUnavailableException || failure instanceof NotDoneException;
        String message = expected
                ? String.valueOf(failure.getMessage())
                : "This should not have happened, and is a defect of Holdfast: " + Shown.failure(failure);
        message.lines().forEach(line -> command.getErr().println(Shown.line(line)));
        return failure instanceof NotDoneException told ? told.exitCode() : ExitCode.NOT_ASKED;
    }

    @Override
    public Map<String, String> environment() {
        return environment;
    }
}
