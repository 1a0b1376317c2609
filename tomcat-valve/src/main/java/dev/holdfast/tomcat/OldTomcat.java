package dev.holdfast.tomcat;

import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Logger;
import javax.servlet.ServletContainerInitializer;
import javax.servlet.ServletContext;

/**
 * What a server of {@code javax.servlet}, as Tomcat 9, finds in the JAR, which would keep silent there otherwise: it
 * looks for initializers of that package, and Holdfast's is one of {@code jakarta.servlet}.
 *
 * <p>Implementation note: alone compiled for Java 8, and uses nothing else of Holdfast. A class that such a server
 * cannot load would keep each of its applications from starting.
 */
public final class OldTomcat implements ServletContainerInitializer {
    private static final Logger LOG = Logger.getLogger("dev.holdfast.tomcat.HoldfastInitializer");

    /** The server asks for each application. */
    private static final AtomicBoolean TOLD = new AtomicBoolean();

    @Override
    public void onStartup(Set<Class<?>> classes, ServletContext servletContext) {
        if (TOLD.compareAndSet(false, true)) {
            LOG.severe("HF-139: This is " + servletContext.getServerInfo()
                    + ", where Holdfast does nothing: it needs Tomcat 10.1 or 11. Sessions are in the memory of this"
                    + " node only. Upgrade Tomcat, or take the JAR of Holdfast out of its lib.");
        }
    }
}
