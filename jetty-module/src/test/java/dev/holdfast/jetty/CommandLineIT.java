package dev.holdfast.jetty;

import dev.holdfast.testing.CommandLineContract;
import dev.holdfast.testing.DemoServlet;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The commands of the JAR for Jetty, with two Jettys of one JVM. */
class CommandLineIT extends CommandLineContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedJetty> nodes =
            TwoNodes.start((name, redis) -> new EmbeddedJetty(name, redis, SETTINGS, CommandLineIT::shop));

    private static void shop(ServletContextHandler context) {
        EmbeddedJetty.addServlet(context, "/*", new DemoServlet());
        context.addEventListener(new Ends());
        context.getSessionHandler().setMaxInactiveInterval(1800); // as Tomcat's
    }

    @Override
    protected HttpNode n1() {
        return nodes.n1();
    }

    @Override
    protected HttpNode n2() {
        return nodes.n2();
    }

    @Override
    protected RedisProcess redis() {
        return nodes.redis();
    }
}
