package dev.holdfast.cli;

import dev.holdfast.config.Names;
import dev.holdfast.config.RedisLogin;
import dev.holdfast.config.Settings;
import dev.holdfast.config.SettingsReader;
import dev.holdfast.config.Source;
import dev.holdfast.redis.RedisServer;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.Shown;
import dev.holdfast.session.WaitBudget;
import java.io.PrintWriter;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What has to be asked of Redis, which is found by the settings of a node. */
abstract class StoreCommand implements Callable<Integer> {
    /** A person waits longer than a request may. */
    private static final Duration WAIT = Duration.ofSeconds(10);

    @ParentCommand
    private @Nullable Surroundings surroundings;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--app",
            paramLabel = "NAME",
            description =
                    "Under which name its nodes keep the application's sessions: holdfast.app, or else its context"
                            + " path without the slash, ROOT for the root. Each node says it at its start. Default:"
                            + " HOLDFAST_APP in the environment.")
    private @Nullable String app;

    @Option(names = "--json", description = "Say it in JSON: times in milliseconds, sizes in bytes.")
    private boolean json;

    @Override
    public final Integer call() throws InterruptedException {
        SettingsReader settings = SettingsReader.read(
                List.of(
                        Settings.REDIS,
                        RedisLogin.USER,
                        RedisLogin.PASSWORD,
                        RedisLogin.PASSWORD_FILE,
                        Settings.REDIS_CA,
                        Settings.TIMEOUT,
                        Settings.DURABILITY,
                        Settings.APP),
                List.of(
                        Source.systemProperties(),
                        Source.environment(Objects.requireNonNull(surroundings).environment())));
        List<String> mistakes = new ArrayList<>(settings.mistakes());
        mistakes.addAll(RedisLogin.mistakes(settings));
        if (!mistakes.isEmpty()) {
            throw new NotDoneException(ExitCode.NOT_ASKED, SettingsReader.text(mistakes));
        }
        String name = app == null ? settings.find(Settings.APP) : app;
        if (name != null && !Names.isApp(name)) {
            throw wrong("The name of an application is " + Names.APPS + ".");
        }
        List<X509Certificate> ca = settings.find(Settings.REDIS_CA);
        try (RedisServer redis = RedisServer.connect(
                settings.get(Settings.REDIS),
                RedisLogin.of(settings),
                ca == null ? List.of() : ca,
                settings.get(Settings.TIMEOUT),
                settings.get(Settings.DURABILITY),
                () -> SessionOptions.UNKNOWN_THREADS)) {
            return run(redis, name);
        }
    }

    /**
     * Does it.
     *
     * @return the exit code
     */
    abstract int run(RedisServer redis, @Nullable String application) throws InterruptedException;

    static WaitBudget budget() {
        return new WaitBudget(WAIT);
    }

    final PrintWriter out() {
        return spec().commandLine().getOut();
    }

    /** A line for people: what others may have written into Redis is harmless in it. */
    final void say(String line) {
        out().println(Shown.line(line));
    }

    /** The same, of what is wrong. */
    final void complain(String line) {
        spec().commandLine().getErr().println(Shown.line(line));
    }

    final boolean isJson() {
        return json;
    }

    final ParameterException wrong(String message) {
        return new ParameterException(spec().commandLine(), message);
    }

    private CommandSpec spec() {
        return Objects.requireNonNull(spec);
    }
}
