package dev.holdfast.cli;

import dev.holdfast.redis.OperatorView;
import dev.holdfast.redis.RedisServer;
import dev.holdfast.redis.RedisSessionStore;
import dev.holdfast.redis.RegistryView;
import dev.holdfast.redis.doctor.Diagnosis;
import dev.holdfast.session.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** What is wrong with the set-up of Redis, as a node says it at its start. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Looks at each primary, and says what users would feel of it and what to do, as nodes do at their start.",
            "With --app also whether the user of holdfast.redis has the rights that the application's sessions need."
        })
final class DoctorCommand extends StoreCommand {
    @Override
    int run(RedisServer redis, @Nullable String application) {
        redis.check(budget()); // as a node does first: whoever may not even ask for the time hears why
        Diagnosis diagnosis = redis.examine(budget());
        List<String> findings = new ArrayList<>(diagnosis.findings());
        List<String> facts = new ArrayList<>(diagnosis.servers());
        if (application == null) {
            facts.add("The rights of its user were not looked at: that needs --app.");
        } else {
            try (RedisSessionStore store = new RedisSessionStore(redis, application)) {
                findings.addAll(store.missingRights(budget()));
            }
            try {
                long nodes = new OperatorView(redis, application, StoreCommand::budget)
                        .registry().nodes().stream()
                                .filter(RegistryView.Node::isLive)
                                .count();
                facts.add("Nodes of " + application + ": " + nodes + ".");
            } catch (StoreUnavailableException e) {
                findings.add(String.valueOf(e.getMessage()));
            }
        }
        if (isJson()) {
            Json.print(out(), Json.object("findings", findings, "facts", facts));
        } else {
            facts.forEach(this::say);
            findings.forEach(finding -> say("Finding: " + finding));
            say(findings.isEmpty() ? "Good." : "Findings: " + findings.size() + ".");
        }
        return findings.isEmpty() ? ExitCode.DONE : ExitCode.NOT_DONE;
    }
}
