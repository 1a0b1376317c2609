package dev.holdfast.check;

import dev.holdfast.session.Shown;
import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The command line of the JARs; public, since the JVM begins here. */
public final class Main {
    private static final int GOOD = 0;
    private static final int FINDINGS = 1;
    private static final int NOT_CHECKED = 2;

    private static final String INSECURE = "--insecure";
    private static final String USAGE = """
            Usage: java -jar <this file> check [--insecure] <address>

            Checks balancer and nodes from outside. The address is the http or https address of a page that makes a
            session, as a browser would ask the balancer for it: http://shop.example.com/cart
            It makes %d sessions, asks for each of them again, and moves some from node to node and back.

              --insecure  does not look at the certificate of the server

            Ends with 0 if all is good, with 1 if there are findings, with 2 if nothing could be checked.
            """.formatted(NewSessions.COUNT);

    private Main() {}

    /** Runs the command, and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out, System.err));
    }

    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        if (arguments.contains("--help")) {
            out.print(USAGE);
            return GOOD;
        }
        List<String> words = new ArrayList<>(arguments);
        boolean insecure = words.remove(INSECURE);
        if (words.size() != 2 || !words.get(0).equals("check")) {
            err.print(USAGE);
            return NOT_CHECKED;
        }
        URI page = page(words.get(1));
        if (page == null) {
            err.println(Shown.text(words.get(1).replaceFirst("//.*@", "//"))
                    + " is no address that can be checked: it begins with http:// or https://, and has a host and no"
                    + " user.");
            return NOT_CHECKED;
        }
        return check(page, insecure, out, err);
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

    private static int check(URI page, boolean insecure, PrintStream out, PrintStream err) {
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
