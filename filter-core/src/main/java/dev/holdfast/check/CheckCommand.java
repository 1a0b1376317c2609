package dev.holdfast.check;

import dev.holdfast.session.Shown;
import java.io.PrintWriter;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command that looks at a balancer and its nodes from outside. */
@Command(
        name = "check",
        description = {
            "Checks balancer and nodes from outside, as a browser would.",
            "It makes " + NewSessions.COUNT + " sessions, asks for each of them again, and moves some from node to node"
                    + " and back."
        },
        exitCodeListHeading = "%nEnds with%n",
        exitCodeList = {"0:all is good", "1:there are findings", "2:nothing could be checked"})
public final class CheckCommand implements Callable<Integer> {
    private static final int GOOD = 0;
    private static final int FINDINGS = 1;
    private static final int NOT_CHECKED = 2;

    @Spec
    private @Nullable CommandSpec spec;

    @SuppressWarnings("UnusedVariable") // picocli asks its own model of it
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    private boolean help;

    @Option(names = "--insecure", description = "Do not look at the certificate of the server.")
    private boolean insecure;

    @Parameters(
            paramLabel = "ADDRESS",
            description =
                    "The http or https address of a page that makes a session, as a browser would ask the balancer"
                            + " for it: http://shop.example.com/cart")
    private String address = "";

    public CheckCommand() {}

    @Override
    public Integer call() {
        CommandSpec command = Objects.requireNonNull(spec);
        URI page = page(address);
        if (page == null) {
            throw new ParameterException(
                    command.commandLine(),
                    Shown.text(address.replaceFirst("//.*@", "//"))
                            + " is no address that can be checked: it begins with http:// or https://, and has a host"
                            + " and no user.");
        }
        return check(page, command.commandLine().getOut(), command.commandLine().getErr());
    }

    private static @Nullable URI page(String text) {
        try {
            URI page = URI.create(text);
            boolean web = List.of("http", "https")
                    .contains(String.valueOf(page.getScheme()).toLowerCase(Locale.ROOT));
            return web && page.getHost() != null && page.getRawUserInfo() == null ? page : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private int check(URI page, PrintWriter out, PrintWriter err) {
        Report report = new Report(out);
        report.fact(Addresses.shown(page) + (insecure ? ", whose certificate is not looked at:" : ":"));
        try {
            new SetUpCheck(page, new Visitor(insecure), report).run();
        } catch (UnreachableException e) {
            err.println("Not checked: " + e.getMessage());
            return NOT_CHECKED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return NOT_CHECKED;
        }
        report.fact(report.findings() == 0 ? "Good." : "Findings: " + report.findings() + ".");
        return report.findings() == 0 ? GOOD : FINDINGS;
    }
}
