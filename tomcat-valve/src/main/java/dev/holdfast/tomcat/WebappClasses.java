package dev.holdfast.tomcat;

import dev.holdfast.ApplicationClasses;
import org.apache.catalina.Context;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceRoot;

/** Looks for class files among the resources of a web application; Tomcat mounts the JARs of WEB-INF/lib at WEB-INF/classes, too. */
final class WebappClasses implements ApplicationClasses {
    private final Context context;

    WebappClasses(Context context) {
        this.context = context;
    }

    @Override
    public boolean isApplicationClass(String name) {
        return isIn(name, false);
    }

    @Override
    public boolean isLibraryClass(String name) {
        return isIn(name, true);
    }

    private boolean isIn(String name, boolean library) {
        WebResourceRoot resources = context.getResources();
        if (resources == null || name.indexOf('/') >= 0) {
            return false;
        }
        WebResource resource = resources.getResource("/WEB-INF/classes/" + name.replace('.', '/') + ".class");
        return resource.exists()
                && resource.isFile()
                && resource.getURL().toString().contains("/WEB-INF/lib/") == library;
    }
}
