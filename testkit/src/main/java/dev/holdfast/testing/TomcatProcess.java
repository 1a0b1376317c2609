package dev.holdfast.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A real Tomcat from its distribution, in a process and a CATALINA_BASE of its own, on a free port of the loopback
 * interface, that can be killed, paused and started again.
 *
 * <p>It is set up as its user would: one JAR copied to {@code lib}, applications copied to {@code webapps}, settings of
 * the node as system properties. Everything it says goes to a file in {@code target/it-logs}. Must be closed; ends with
 * the test's JVM at the latest.
 */
public final class TomcatProcess extends ContainerProcess {
    private final TomcatDistribution distribution;

    private TomcatProcess(Builder builder) throws IOException {
        super(builder.name);
        distribution = builder.distribution;
        Path home = distribution.home();
        prepareBase(builder, home);
        startsWith(command(builder, home));
    }

    /** Begins the description of a node. */
    public static Builder node(TomcatDistribution distribution, String name) {
        return new Builder(distribution, name);
    }

    /** What a node is like. */
    public static final class Builder {
        private final TomcatDistribution distribution;
        private final String name;
        private final List<Path> libraries = new ArrayList<>();
        private final Map<String, Path> applications = new LinkedHashMap<>();
        private final Map<String, String> properties = new LinkedHashMap<>();
        private String heap = "192m";
        private String jvmRoute = "";
        private boolean accessLog = true;
        private boolean opened;
        private boolean asShipped;
        private String engine = "";

        private Builder(TomcatDistribution distribution, String name) {
            this.distribution = distribution;
            this.name = name;
        }

        /** Copies a JAR to {@code lib}. */
        public Builder library(Path jar) {
            libraries.add(jar);
            return this;
        }

        /**
         * Deploys a copy of an exploded application under a path without slash, as in {@code shop}, {@code shop##2} or
         * {@code ROOT}.
         */
        public Builder application(String path, Path exploded) {
            applications.put(path, exploded);
            return this;
        }

        /** Sets a system property. */
        public Builder property(String key, String value) {
            properties.put(key, value);
            return this;
        }

        /** Sets the jvmRoute of the engine. */
        public Builder jvmRoute(String route) {
            jvmRoute = route;
            return this;
        }

        /** Switches the access log off: it has the ids of sessions that are followed by URL. */
        public Builder withoutAccessLog() {
            accessLog = false;
            return this;
        }

        /** Sets the most that the heap may take, as in {@code 512m}. */
        public Builder heap(String most) {
            heap = most;
            return this;
        }

        /** Opens packages of the JDK to the applications, as {@code catalina.sh} does. */
        public Builder opened() {
            opened = true;
            return this;
        }

        /** Puts an element into the engine of server.xml, such as a {@code <Cluster>}. */
        public Builder inEngine(String element) {
            engine = element;
            return this;
        }

        /**
         * Starts it as catalina.sh does, with the compilers and the collector that the JDK chooses, and logs no more of
         * Holdfast than of all else: for what measures.
         */
        public Builder asShipped() {
            asShipped = true;
            return withoutAccessLog();
        }

        /** Makes the node without starting it. */
        public TomcatProcess prepare() {
            try {
                return new TomcatProcess(this);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot prepare a Tomcat for " + name, e);
            }
        }

        /** Starts the node and waits until it answers. */
        public TomcatProcess start() {
            TomcatProcess tomcat = prepare();
            tomcat.launch();
            tomcat.awaitAnswer();
            return tomcat;
        }
    }

    private void prepareBase(Builder builder, Path home) throws IOException {
        for (String directory : List.of("conf", "lib", "logs", "temp", "webapps", "work")) {
            Files.createDirectories(base().resolve(directory));
        }
        copyTree(home.resolve("conf"), base().resolve("conf"));
        Files.writeString(base().resolve("conf/server.xml"), serverXml(builder));
        Files.writeString(
                base().resolve("conf/logging.properties"), builder.asShipped ? LOGGING : LOGGING + EVERYTHING);
        Files.writeString(base().resolve("conf/tomcat-users.xml"), USERS);
        for (Path library : builder.libraries) {
            Files.copy(library, base().resolve("lib").resolve(library.getFileName()));
        }
        for (Map.Entry<String, Path> application : builder.applications.entrySet()) {
            copyTree(application.getValue(), base().resolve("webapps").resolve(application.getKey()));
        }
    }

    private String serverXml(Builder builder) {
        String route = builder.jvmRoute.isEmpty() ? "" : " jvmRoute=\"" + builder.jvmRoute + "\"";
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <Server port="-1">
                  <Service name="Catalina">
                    <Connector address="%s" port="%d" protocol="HTTP/1.1">
                      <UpgradeProtocol className="org.apache.coyote.http2.Http2Protocol"/>
                    </Connector>
                    <Engine name="Catalina" defaultHost="localhost"%s>
                      <Realm className="org.apache.catalina.realm.MemoryRealm"/>
                      %s
                      <Host name="localhost" appBase="webapps" unpackWARs="false" autoDeploy="false">
                        <Valve className="org.apache.catalina.valves.AccessLogValve" buffered="false"
                               enabled="%s" pattern="%%h %%u %%t &quot;%%r&quot; %%s %%b"/>
                      </Host>
                    </Engine>
                  </Service>
                </Server>
                """.formatted(HOST, port(), route, builder.engine, builder.accessLog);
    }

    /** To the console alone, which loses nothing when the process is killed. */
    private static final String LOGGING = """
            handlers = java.util.logging.ConsoleHandler
            .handlers = java.util.logging.ConsoleHandler
            .level = INFO
            java.util.logging.ConsoleHandler.level = ALL
            java.util.logging.ConsoleHandler.formatter = org.apache.juli.OneLineFormatter
            java.util.logging.ConsoleHandler.encoding = UTF-8
            """;

    /** All that Holdfast has to say. */
    private static final String EVERYTHING = "dev.holdfast.level = ALL\n";

    private static final String USERS = """
            <?xml version="1.0" encoding="UTF-8"?>
            <tomcat-users xmlns="http://tomcat.apache.org/xml" version="1.0">
              <user username="ada" password="engine" roles="user,tomcat"/>
              <user username="operator" password="engine" roles="manager-gui"/>
            </tomcat-users>
            """;

    private static final List<String> OPENED = List.of(
            "java.base/java.lang",
            "java.base/java.lang.reflect",
            "java.base/java.io",
            "java.base/java.util",
            "java.base/java.util.concurrent",
            "java.rmi/sun.rmi.transport");

    private List<String> command(Builder builder, Path home) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // As catalina.sh starts it, but sooner.
        if (!builder.asShipped) {
            line.addAll(QUICK_TO_START);
        }
        line.addAll(List.of("-Xmx" + builder.heap, "-Djava.awt.headless=true"));
        if (builder.opened) {
            OPENED.forEach(opened -> line.add("--add-opens=" + opened + "=ALL-UNNAMED"));
        }
        line.add("-Djava.util.logging.config.file=" + base().resolve("conf/logging.properties"));
        line.add("-Djava.util.logging.manager=org.apache.juli.ClassLoaderLogManager");
        line.add("-Dcatalina.home=" + home);
        line.add("-Dcatalina.base=" + base());
        line.add("-Djava.io.tmpdir=" + base().resolve("temp"));
        builder.properties.forEach((key, value) -> line.add("-D" + key + "=" + value));
        line.add("-cp");
        line.add(home.resolve("bin/bootstrap.jar") + File.pathSeparator + home.resolve("bin/tomcat-juli.jar"));
        line.addAll(List.of("org.apache.catalina.startup.Bootstrap", "start"));
        return line;
    }

    public TomcatDistribution distribution() {
        return distribution;
    }
}
