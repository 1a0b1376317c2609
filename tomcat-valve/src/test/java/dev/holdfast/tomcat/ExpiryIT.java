package dev.holdfast.tomcat;

import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.ExpiryContract;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.nio.file.Path;

/** Tomcats, of which a 10.1 is killed. */
class ExpiryIT extends ExpiryContract {
    @Override
    protected ContainerProcess prepare(String name, String redis, Path application) {
        TomcatDistribution distribution =
                name.equals("n2") ? TomcatDistribution.TOMCAT_11 : TomcatDistribution.TOMCAT_10_1;
        return TomcatProcess.node(distribution, name)
                .library(CommitWays.jar())
                .application("shop", application)
                .property("holdfast.node", name)
                .property("holdfast.redis", redis)
                .property("holdfast.timeout", "5s")
                .prepare();
    }
}
