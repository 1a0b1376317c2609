package dev.holdfast;

import java.util.Collection;

/**
 * Tells the application's own classes from those of its libraries, by name and without loading any. Safe for use by
 * many threads.
 */
public interface ApplicationClasses {
    /** Whether WEB-INF/classes holds the class of this binary name. */
    boolean isApplicationClass(String name);

    /** The packages of the classes in WEB-INF/classes, like {@code com.shop.web}; reads the directories anew. */
    Collection<String> packages();

    /** Whether WEB-INF/lib holds the class of this binary name. */
    boolean isLibraryClass(String name);
}
