package dev.holdfast.jetty;

import dev.holdfast.testing.ClassReportContract;
import dev.holdfast.testing.HttpNode;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/** On embedded Jetty. */
class ClassReportIT extends ClassReportContract {
    @Override
    protected HttpNode start(String name, URI redis, Path application) {
        return opened.keep(new EmbeddedWebapp(name, redis, "/shop", application, Map.of()));
    }
}
