package dev.holdfast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real Jetty from its distribution, with a JETTY_BASE of its own that is made with the commands of docs/jetty.md. Its
 * applications run in the environment that the test names for each, and know the user ada.
 */
public final class JettyProcess extends ContainerProcess {
    private static final Distribution DISTRIBUTION = new Distribution("jetty-home-");

    private JettyProcess(Builder builder) throws IOException {
        super(builder.name);
        Path home = home();
        install(builder, home);
        startsWith(command(builder, home));
    }

    /** Begins the description of a node. */
    public static Builder node(String name) {
        return new Builder(name);
    }

    /** What a node is like. */
    public static final class Builder {
        private record Application(Path exploded, String environment) {}

        private final String name;
        private final Map<String, Application> applications = new LinkedHashMap<>();
        private final Map<String, String> properties = new LinkedHashMap<>();
        private String heap = "256m";
        private String modules = "";

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Deploys a copy of an exploded application under a path without slash, in the environment {@code ee10} or
         * {@code ee11}.
         */
        public Builder application(String path, Path exploded, String environment) {
            applications.put(path, new Application(exploded, environment));
            return this;
        }

        /** Sets a system property. */
        public Builder property(String key, String value) {
            properties.put(key, value);
            return this;
        }

        /** Enables one more module, as {@code ee10-annotations} for applications without a web.xml. */
        public Builder module(String name) {
            modules += "," + name;
            return this;
        }

        /** Sets the most that the heap may take, as in {@code 512m}. */
        public Builder heap(String most) {
            heap = most;
            return this;
        }

        /** Makes the node without starting it. */
        public JettyProcess prepare() {
            try {
                return new JettyProcess(this);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot prepare a Jetty for " + name, e);
            }
        }

        /** Starts the node and waits until it answers. */
        public JettyProcess start() {
            JettyProcess jetty = prepare();
            jetty.launch();
            jetty.awaitAnswer();
            return jetty;
        }
    }

    private void install(Builder builder, Path home) throws IOException {
        run(
                Map.of("JETTY_BASE", base().toString(), "JETTY_HOME", home.toString()),
                List.of("sh", "-e", "-c", docsCommands()));
        Files.createDirectories(base().resolve("etc"));
        Files.writeString(base().resolve("modules/users.mod"), USERS_MODULE);
        Files.writeString(base().resolve("etc/users.xml"), USERS_XML);
        Files.writeString(base().resolve("etc/users.properties"), "ada: engine,user\n");
        run(
                Map.of(),
                List.of(
                        java(),
                        "-jar",
                        home.resolve("start.jar").toString(),
                        "jetty.base=" + base(),
                        "--add-modules=http,http2c,ee10-deploy,ee11-deploy,users" + builder.modules));
        for (Map.Entry<String, Builder.Application> application : builder.applications.entrySet()) {
            String path = application.getKey();
            copyTree(
                    application.getValue().exploded(), base().resolve("webapps").resolve(path));
            Files.writeString(
                    base().resolve("webapps").resolve(path + ".properties"),
                    "environment: " + application.getValue().environment() + "\n");
        }
    }

    /** The commands that docs/jetty.md has for its readers, run where they would run them. */
    private static String docsCommands() {
        return "cd '" + Repository.root() + "'\n" + Docs.block("jetty.md", "Install", "sh");
    }

    private static final String USERS_MODULE = """
            [depend]
            security
            [xml]
            etc/users.xml
            """;

    private static final String USERS_XML = """
            <?xml version="1.0"?>
            <!DOCTYPE Configure PUBLIC "-//Jetty//Configure//EN" "https://jetty.org/configure_10_0.dtd">
            <Configure id="Server" class="org.eclipse.jetty.server.Server">
              <Call class="org.eclipse.jetty.util.resource.ResourceFactory" name="of" id="ResourceFactory">
                <Arg><Ref refid="Server"/></Arg>
                <Call name="newResource" id="users">
                  <Arg><Property name="jetty.base"/>/etc/users.properties</Arg>
                </Call>
              </Call>
              <Call name="addBean">
                <Arg>
                  <New class="org.eclipse.jetty.security.HashLoginService">
                    <Set name="name">default</Set>
                    <Set name="config"><Ref refid="users"/></Set>
                  </New>
                </Arg>
              </Call>
            </Configure>
            """;

    private List<String> command(Builder builder, Path home) {
        List<String> line = new ArrayList<>();
        line.add(java());
        line.addAll(QUICK_TO_START);
        line.addAll(List.of("-Xmx" + builder.heap, "-Djava.awt.headless=true"));
        builder.properties.forEach((key, value) -> line.add("-D" + key + "=" + value));
        line.addAll(List.of("-jar", home.resolve("start.jar").toString(), "jetty.base=" + base()));
        line.addAll(List.of("jetty.http.host=" + HOST, "jetty.http.port=" + port()));
        return line;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private void run(Map<String, String> environment, List<String> line) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().merge("PATH", System.getProperty("java.home") + "/bin", (old, bin) -> bin + ":" + old);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException(line + " failed: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    private static Path home() {
        return DISTRIBUTION.unpacked("jetty/" + DISTRIBUTION.title(), "", name -> false);
    }
}
