package dev.holdfast.jetty;

import dev.holdfast.ApplicationClasses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks for class files in WEB-INF of a web application, through the loader that Jetty has made for it. */
final class WebappClasses implements ApplicationClasses {
    private static final String CLASSES = "/WEB-INF/classes/";
    private static final String CLASS_FILE = ".class";

    private final @Nullable URLClassLoader loader;

    /** @param loader the application's; an embedded application without a WEB-INF has none of its own */
    WebappClasses(@Nullable ClassLoader loader) {
        this.loader = loader instanceof URLClassLoader own ? own : null;
    }

    @Override
    public boolean isApplicationClass(String name) {
        return isIn(name, CLASSES);
    }

    @Override
    public Collection<String> packages() {
        Set<String> found = new TreeSet<>();
        if (loader != null) {
            for (URL place : loader.getURLs()) {
                if (place.toString().endsWith(CLASSES)) {
                    addPackages(place, found);
                }
            }
        }
        return found;
    }

    private static void addPackages(URL place, Set<String> found) {
        try {
            if (place.openConnection() instanceof JarURLConnection packed) {
                packed.setUseCaches(false); // closed below, and nobody else's
                try (JarFile war = packed.getJarFile()) {
                    String prefix = packed.getEntryName();
                    war.stream()
                            .map(entry -> entry.getName())
                            .filter(name -> name.startsWith(prefix))
                            .forEach(name -> addPackage(name.substring(prefix.length()), found));
                }
            } else if (place.getProtocol().equals("file")) {
                Path directory = Path.of(URI.create(place.toString()));
                if (!Files.isDirectory(directory)) {
                    return;
                }
                try (Stream<Path> files = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
                    files.forEach(file ->
                            addPackage(directory.relativize(file).toString().replace('\\', '/'), found));
                }
            }
        } catch (IOException | UncheckedIOException e) { // the walk meets a loop of links
            throw new IllegalStateException("Cannot list the classes of " + place, e);
        }
    }

    private static void addPackage(String file, Set<String> found) {
        int slash = file.lastIndexOf('/');
        if (slash > 0 && file.endsWith(CLASS_FILE)) {
            found.add(file.substring(0, slash).replace('/', '.'));
        }
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
                name.replace('.', '/') + CLASS_FILE); // not the server's, which getResource may prefer
        return found != null && found.toString().contains(folder);
    }
}
