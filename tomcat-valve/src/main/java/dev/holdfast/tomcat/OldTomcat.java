package dev.holdfast.tomcat;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.servlet.ServletContainerInitializer;
import javax.servlet.ServletContext;
import org.jspecify.annotations.Nullable;

/**
 * What a Tomcat before 10 finds in the JAR, which would keep silent there otherwise: it looks for initializers of
 * {@code javax.servlet}, and Holdfast is one of {@code jakarta.servlet}.
 */
public final class OldTomcat implements ServletContainerInitializer {
    private static final Logger LOG = System.getLogger("dev.holdfast.tomcat.HoldfastInitializer");

    /** Tomcat asks for each application. */
    private static final AtomicBoolean TOLD = new AtomicBoolean();

    @Override
    public void onStartup(@Nullable Set<Class<?>> classes, ServletContext servletContext) {
        if (TOLD.compareAndSet(false, true)) {
            LOG.log(
                    Level.ERROR,
                    "HF-306: This is {0}, where Holdfast does nothing: it needs Tomcat 10.1 or 11. Sessions are in the"
                            + " memory of this node only. Upgrade Tomcat, or take the JAR of Holdfast out of its lib.",
                    servletContext.getServerInfo());
        }
    }
}
