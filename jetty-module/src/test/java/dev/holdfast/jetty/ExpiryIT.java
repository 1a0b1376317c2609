package dev.holdfast.jetty;

import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.ExpiryContract;
import dev.holdfast.testing.JettyProcess;
import java.nio.file.Path;

/** Jettys, of which one with its application in ee10 is killed. */
class ExpiryIT extends ExpiryContract {
    @Override
    protected ContainerProcess prepare(String name, String redis, Path application) {
        return JettyProcess.node(name)
                .application("shop", application, name.equals("n2") ? "ee11" : "ee10")
                .property("holdfast.node", name)
                .property("holdfast.redis", redis)
                .property("holdfast.timeout", "5s")
                .prepare();
    }
}
