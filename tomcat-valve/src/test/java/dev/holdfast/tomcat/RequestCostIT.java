package dev.holdfast.tomcat;

import dev.holdfast.testing.DemoServlet;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.RequestCostContract;
import dev.holdfast.testing.TwoNodes;
import java.io.CharArrayWriter;
import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.catalina.Context;
import org.apache.catalina.valves.AbstractAccessLogValve;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On embedded Tomcat. */
class RequestCostIT extends RequestCostContract {
    private static final AtomicReference<String> LOGGED = new AtomicReference<>("");

    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes = TwoNodes.start(RequestCostIT::node);

    private static EmbeddedNode node(String name, URI redis) {
        return new EmbeddedNode(name, redis, settings(), context -> {
            EmbeddedNode.addServlet(context, "/*", new DemoServlet());
            if (name.equals("n1")) {
                log(context);
            }
        });
    }

    private static void log(Context context) {
        AbstractAccessLogValve valve = new AbstractAccessLogValve() {
            @Override
            protected void log(CharArrayWriter message) {
                LOGGED.set(message.toString());
            }
        };
        valve.setPattern("%{dev.holdfast.cost}r");
        context.getParent().getPipeline().addValve(valve);
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

    @Override
    protected String lastLogged() {
        return LOGGED.get();
    }
}
