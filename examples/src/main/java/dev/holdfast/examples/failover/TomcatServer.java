package dev.holdfast.examples.failover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Tomcat. The folder of a node is a CATALINA_BASE.
 *
 * @param distribution the CATALINA_HOME of all nodes
 */
record TomcatServer(Distribution distribution) implements Server {

    @Override
    public String title() {
        return "Tomcat " + distribution.version();
    }

    @Override
    public void fill(Path base, Project project, Manager manager) throws CannotRunException {
        try {
            for (String folder : List.of("logs", "temp", "work", "lib")) {
                Files.createDirectories(base.resolve(folder));
            }
            Distribution.copy(distribution.home().resolve("conf"), base.resolve("conf"));
            for (String file : List.of("server.xml", "tomcat-users.xml")) {
                Files.copy(
                        project.configuration().resolve(file),
                        base.resolve("conf").resolve(file),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            Server.copyShop(project, base.resolve("webapps/shop"));
            if (manager == Manager.HOLDFAST) {
                Path jar = project.tomcatJar();
                Files.copy(jar, base.resolve("lib").resolve(jar.getFileName()));
            }
        } catch (IOException e) {
            throw new CannotRunException("Cannot fill the folder of a node, " + base + ": " + e.getMessage() + ".", e);
        }
    }

    @Override
    public Launch launch(Path base, int port, Map<String, String> properties) {
        Stream<String> settings =
                properties.entrySet().stream().map(setting -> "-D" + setting.getKey() + "=" + setting.getValue());
        List<String> options = Stream.of(JVM_OPTIONS.stream(), Stream.of("-Dshop.port=" + port), settings)
                .flatMap(part -> part)
                .toList();
        return new Launch(
                List.of("sh", distribution.home().resolve("bin/catalina.sh").toString(), "run"),
                Map.of(
                        "CATALINA_HOME", distribution.home().toString(),
                        "CATALINA_BASE", base.toString(),
                        "JRE_HOME", System.getProperty("java.home"),
                        "CATALINA_OPTS", String.join(" ", options)));
    }
}
