package dev.holdfast.jetty;

import dev.holdfast.ApplicationClasses;
import java.net.URL;
import java.net.URLClassLoader;
import org.jspecify.annotations.Nullable;

/** Looks for class files in WEB-INF of a web application, through the loader that Jetty has made for it. */
final class WebappClasses implements ApplicationClasses {
    private final @Nullable URLClassLoader loader;

    /** @param loader the application's; an embedded application without a WEB-INF has none of its own */
    WebappClasses(@Nullable ClassLoader loader) {
        this.loader = loader instanceof URLClassLoader own ? own : null;
    }

    @Override
    public boolean isApplicationClass(String name) {
        return isIn(name, "/WEB-INF/classes/");
    }

    @Override
    public boolean isLibraryClass(String name) {
        return isIn(name, "/WEB-INF/lib/");
    }

    private boolean isIn(String name, String folder) {
        if (loader == null || name.indexOf('/') >= 0) {
            return false;
        }
        URL found = loader.findResource(
                name.replace('.', '/') + ".class"); // not the server's, which getResource may prefer
        return found != null && found.toString().contains(folder);
    }
}
