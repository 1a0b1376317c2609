package dev.holdfast.examples.failover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Jetty. The folder of a node is a JETTY_BASE, installed as docs/jetty.md says.
 *
 * @param distribution the JETTY_HOME of all nodes
 * @param children runs the command that enables modules
 */
record JettyServer(Distribution distribution, Children children) implements Server {

    private static final Duration INSTALLED_WITHIN = Duration.ofSeconds(60);

    @Override
    public String title() {
        return "Jetty " + distribution.version();
    }

    @Override
    public void fill(Path base, Project project, Manager manager) throws CannotRunException, InterruptedException {
        String modules = "http,sessions,ee10-deploy,shop";
        try {
            Files.createDirectories(base.resolve("logs"));
            Distribution.copy(project.configuration().resolve("jetty"), base);
            Server.copyShop(project, base.resolve("webapps/shop"));
            if (manager == Manager.HOLDFAST) {
                Path jar = project.jettyJar();
                Files.createDirectories(base.resolve("lib/holdfast"));
                Files.copy(jar, base.resolve("lib/holdfast").resolve(jar.getFileName()));
                Distribution.unzipFolders(jar, base, List.of("modules", "etc"));
                modules += ",holdfast";
            }
        } catch (IOException e) {
            throw new CannotRunException("Cannot fill the folder of a node, " + base + ": " + e.getMessage() + ".", e);
        }
        addModules(base, modules);
    }

    private void addModules(Path base, String modules) throws CannotRunException, InterruptedException {
        Path log = base.resolve("logs/install.log");
        Process process = children.start(startJar(base, List.of(), List.of("--add-modules=" + modules)), Map.of(), log);
        boolean ended = Waiting.until(INSTALLED_WITHIN, () -> !process.isAlive());
        children.kill(process);
        if (!ended || process.exitValue() != 0) {
            throw new CannotRunException("Cannot enable the modules " + modules + " of " + title() + "; what it said is"
                    + " in " + log + ".");
        }
    }

    @Override
    public Launch launch(Path base, int port, Map<String, String> properties) {
        List<String> options = new ArrayList<>(JVM_OPTIONS);
        properties.forEach((name, value) -> options.add("-D" + name + "=" + value));
        List<String> arguments = new ArrayList<>(List.of("jetty.http.host=127.0.0.1", "jetty.http.port=" + port));
        String jvmRoute = properties.getOrDefault("shop.jvmRoute", "");
        if (!jvmRoute.isEmpty()) {
            arguments.add("jetty.sessionIdManager.workerName=" + jvmRoute);
        }
        return new Launch(startJar(base, options, arguments), Map.of());
    }

    private List<String> startJar(Path base, List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-jar", distribution.home().resolve("start.jar").toString(), "jetty.base=" + base));
        command.addAll(arguments);
        return command;
    }
}
