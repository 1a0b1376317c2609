package dev.holdfast.tomcat;

import dev.holdfast.testing.ClassReportContract;
import dev.holdfast.testing.HttpNode;
import java.net.URI;
import java.nio.file.Path;

/** On embedded Tomcat. */
class ClassReportIT extends ClassReportContract {
    @Override
    protected HttpNode start(String name, URI redis, Path application) throws Exception {
        EmbeddedTomcat tomcat = opened.keep(new EmbeddedTomcat());
        EmbeddedTomcat.keepSessions(tomcat.addWebapp("/shop", application), name, redis);
        tomcat.start();
        return tomcat.as(name);
    }
}
