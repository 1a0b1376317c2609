package dev.holdfast.gadgets;

import com.example.shop.Alarm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The class loader of a web application: its own classes, {@code com.example.shop}, and vulnerable libraries. Above it
 * is nothing but the JDK. Knows for which classes it was asked, JDK's ones among them: no class is initialised, or
 * loaded, before.
 */
final class Application extends URLClassLoader {
    static final String OWN_PACKAGE = "com.example.shop";

    private static final Path LIBRARIES = Path.of("target", "vulnerable").toAbsolutePath();

    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    /** @param libraries what the names of their JARs begin with */
    Application(List<String> libraries) {
        super("shop", classPath(libraries), ClassLoader.getPlatformClassLoader());
    }

    private static URL[] classPath(List<String> libraries) {
        List<URI> places = new ArrayList<>();
        try {
            places.add(Alarm.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            for (String library : libraries) {
                places.add(jar(library).toUri());
            }
            List<URL> urls = new ArrayList<>();
            for (URI place : places) {
                urls.add(place.toURL());
            }
            return urls.toArray(URL[]::new);
        } catch (URISyntaxException | MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The one JAR whose name begins so. */
    static Path jar(String library) {
        try (Stream<Path> files = Files.list(LIBRARIES)) {
            List<Path> found = files.filter(
                            file -> file.getFileName().toString().startsWith(library))
                    .toList();
            if (found.size() != 1) {
                throw new IllegalStateException("Not one JAR " + library + "* in " + LIBRARIES + ", but " + found
                        + ": the build copies it there in the phase process-test-resources");
            }
            return found.get(0);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + LIBRARIES, e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        asked.add(name);
        return super.loadClass(name, resolve);
    }

    /** The classes that the JVM or somebody else looked for. */
    Set<String> asked() {
        return Set.copyOf(asked);
    }

    /** Whether it would lie in WEB-INF/classes; loads nothing. */
    boolean isOwn(String className) {
        return className.startsWith(OWN_PACKAGE + ".") && isPresent(className);
    }

    /** Whether it would lie in WEB-INF/lib; loads nothing. */
    boolean isOfLibrary(String className) {
        return !className.startsWith(OWN_PACKAGE + ".") && isPresent(className);
    }

    private boolean isPresent(String className) {
        return findResource(className.replace('.', '/') + ".class") != null;
    }
}
