package dev.holdfast.boot;

import dev.holdfast.ApplicationClasses;
import dev.holdfast.config.Settings;
import java.net.URL;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Looks for class files where the class loader of an application finds them that brings its container along: in an
 * executable JAR or WAR, in directories, as an IDE and unpacked containers' images have them, or in JARs on the class
 * path.
 *
 * <p>Its own are the classes of BOOT-INF/classes and WEB-INF/classes, of each directory on the class path, and those of
 * the packages that it names, with all below them: an executable JAR that was taken apart for a faster start has its
 * classes in a JAR like any other. Below a package of one segment may be the world: of {@code com} only the classes in
 * it are the application's own. All other JARs are its libraries. A JAR alone makes no class the application's own,
 * because in an uber JAR the libraries are in the same one. Immutable.
 */
final class ClassPathClasses implements ApplicationClasses {
    private static final String CLASS_FILE = ".class";

    /** Behind the JAR's name: how the place is written depends on the version of Spring Boot's loader. */
    private static final Pattern CLASSES = Pattern.compile("!/?(BOOT|WEB)-INF/classes/?!/");

    private final @Nullable ClassLoader loader;
    private final List<String> packages;

    /**
     * @param loader the application's; null: that of the JDK's classes
     * @param packages of the application, like {@code com.shop}
     */
    ClassPathClasses(@Nullable ClassLoader loader, Collection<String> packages) {
        this.loader = loader;
        this.packages = packages.stream().filter(name -> !name.isEmpty()).toList();
    }

    @Override
    public boolean isApplicationClass(String name) {
        URL place = placeOf(name);
        if (place == null) {
            return false;
        }
        return place.getProtocol().equals("file")
                || CLASSES.matcher(place.toString()).find()
                || (isInJar(place) && packages.stream().anyMatch(own -> isIn(own, name)));
    }

    private static boolean isIn(String own, String name) {
        return name.startsWith(own + ".")
                && ((own.indexOf('.') > 0 && !ApplicationClasses.isShared(own))
                        || name.lastIndexOf('.') == own.length());
    }

    @Override
    public Collection<String> packages() {
        return packages;
    }

    @Override
    public boolean isLibraryClass(String name) {
        URL place = placeOf(name);
        return place != null
                && isInJar(place)
                && !CLASSES.matcher(place.toString()).find();
    }

    /** As in a file of properties; an {@code application.yaml} may have its list in one text, too. */
    @Override
    public String allowing(String patterns) {
        return Settings.CLASSES_ALLOW + "=" + patterns;
    }

    private static boolean isInJar(URL place) {
        return place.getProtocol().equals("jar");
    }

    private @Nullable URL placeOf(String name) {
        if (name.indexOf('/') >= 0) {
            return null;
        }
        String file = name.replace('.', '/') + CLASS_FILE;
        return loader == null ? ClassLoader.getSystemResource(file) : loader.getResource(file);
    }
}
