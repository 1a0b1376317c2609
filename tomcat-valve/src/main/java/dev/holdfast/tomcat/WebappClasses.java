package dev.holdfast.tomcat;

import dev.holdfast.ApplicationClasses;
import java.net.URL;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.apache.catalina.Context;
import org.apache.catalina.WebResource;
import org.apache.catalina.WebResourceRoot;
import org.jspecify.annotations.Nullable;

/**
 * Looks for class files where the class loader of a web application looks: Tomcat mounts the JARs of WEB-INF/lib for it
 * alone, so that {@link WebResourceRoot#getResource} knows nothing of them.
 *
 * <p>A directory that an operator or an IDE mounts at WEB-INF/classes counts as the application's own; a JAR that is
 * mounted from elsewhere is neither the application's nor one of its libraries. What a filter of Tomcat's keeps in a
 * session for the application counts as its own.
 */
final class WebappClasses implements ApplicationClasses {
    /** What the CsrfPreventionFilter keeps in sessions on an application's behalf; the REST filter keeps a string. */
    static final Set<String> OF_TOMCATS_FILTERS = Set.of(
            "org.apache.catalina.filters.CsrfPreventionFilter$LruCache",
            "org.apache.catalina.filters.CsrfPreventionFilter$LruCache$1");

    private static final String CLASSES = "/WEB-INF/classes/";
    private static final String CLASS_FILE = ".class";

    private final Context context;

    WebappClasses(Context context) {
        this.context = context;
    }

    @Override
    public boolean isApplicationClass(String name) {
        if (OF_TOMCATS_FILTERS.contains(name)) {
            return true;
        }
        URL place = placeOf(name);
        return place != null && isOfApplication(place);
    }

    private static boolean isOfApplication(URL place) {
        return place.getProtocol().equals("file") || place.toString().contains("!" + CLASSES);
    }

    @Override
    public Collection<String> packages() {
        Set<String> found = new TreeSet<>();
        WebResourceRoot resources = context.getResources();
        if (resources != null) {
            addPackages(resources, "", found);
        }
        return found;
    }

    private static void addPackages(WebResourceRoot resources, String name, Set<String> found) {
        String directory = CLASSES + name.replace('.', '/') + (name.isEmpty() ? "" : "/");
        for (String entry : resources.list(directory)) {
            if (entry.endsWith(CLASS_FILE)) {
                if (!found.contains(name)) {
                    URL place = resources.getResource(directory + entry).getURL();
                    if (place != null && isOfApplication(place)) {
                        found.add(name);
                    }
                }
            } else if (resources.getResource(directory + entry).isDirectory()) {
                addPackages(resources, name.isEmpty() ? entry : name + "." + entry, found);
            }
        }
    }

    @Override
    public boolean isLibraryClass(String name) {
        URL place = placeOf(name);
        return place != null && place.toString().contains("/WEB-INF/lib/");
    }

    private @Nullable URL placeOf(String name) {
        WebResourceRoot resources = context.getResources();
        if (resources == null || name.indexOf('/') >= 0) {
            return null;
        }
        WebResource file = resources.getClassLoaderResource("/" + name.replace('.', '/') + CLASS_FILE);
        return file.exists() && file.isFile() ? file.getURL() : null;
    }
}
