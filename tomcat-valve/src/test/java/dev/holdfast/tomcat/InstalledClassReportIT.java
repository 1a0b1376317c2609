package dev.holdfast.tomcat;

import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.InstalledClassReportContract;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/** On Tomcat 11. */
class InstalledClassReportIT extends InstalledClassReportContract {
    @Override
    protected ContainerProcess node(String name, URI redis, Map<String, Path> applications) {
        TomcatProcess.Builder node =
                TomcatProcess.node(TomcatDistribution.TOMCAT_11, name).library(CommitWays.jarOf("tomcat-valve"));
        applications.forEach(node::application);
        return node.property("holdfast.node", name)
                .property("holdfast.redis", redis.toString())
                .prepare();
    }
}
