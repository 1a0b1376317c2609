package dev.holdfast.tomcat;

import dev.holdfast.testing.CommandLineContract;
import dev.holdfast.testing.DemoServlet;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import org.apache.catalina.Context;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The commands of the JAR for Tomcat, with two Tomcats of one JVM. */
class CommandLineIT extends CommandLineContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes =
            TwoNodes.start((name, redis) -> new EmbeddedNode(name, redis, SETTINGS, CommandLineIT::shop));

    private static void shop(Context context) {
        EmbeddedNode.addServlet(context, "/*", new DemoServlet());
        context.addApplicationListener(Ends.class.getName());
    }

    @Override
    protected HttpNode n1() {
        return nodes.n1().server();
    }

    @Override
    protected HttpNode n2() {
        return nodes.n2().server();
    }

    @Override
    protected RedisProcess redis() {
        return nodes.redis();
    }
}
