package dev.holdfast.jetty;

import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.InstalledClassReportContract;
import dev.holdfast.testing.JettyProcess;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/** In the environment ee11. */
class InstalledClassReportIT extends InstalledClassReportContract {
    @Override
    protected ContainerProcess node(String name, URI redis, Map<String, Path> applications) {
        JettyProcess.Builder node = JettyProcess.node(name);
        applications.forEach((path, exploded) -> node.application(path, exploded, "ee11"));
        return node.property("holdfast.node", name)
                .property("holdfast.redis", redis.toString())
                .prepare();
    }
}
