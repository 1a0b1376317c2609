package dev.holdfast;

import dev.holdfast.codec.policy.ClassPolicy;
import java.util.Collection;

/**
 * Tells the application's own classes from those of its libraries, by name and without loading any. Safe for use by
 * many threads.
 */
public interface ApplicationClasses {
    /** Whether the class of this binary name is the application's own: in WEB-INF/classes, if it is a WAR. */
    boolean isApplicationClass(String name);

    /** The packages of its own classes, like {@code com.shop.web}; may read directories anew. */
    Collection<String> packages();

    /** Whether the class of this binary name is one of its libraries: in WEB-INF/lib, if it is a WAR. */
    boolean isLibraryClass(String name);

    /**
     * The setting {@code holdfast.classes.allow} as it is pasted into the application's own files.
     *
     * @param patterns its value
     */
    default String allowing(String patterns) {
        return ClassPolicy.contextParam(patterns);
    }

    /** Whether many publish under a package, like {@code org.apache}: what is below it is not one owner's. */
    static boolean isShared(String packageName) {
        return ClassPolicy.isShared(packageName);
    }
}
