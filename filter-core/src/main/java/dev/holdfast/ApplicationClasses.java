package dev.holdfast;

/**
 * Tells the application's own classes from those of its libraries, by name and without loading any. Safe for use by
 * many threads.
 */
public interface ApplicationClasses {
    /** Whether WEB-INF/classes holds the class of this binary name. */
    boolean isApplicationClass(String name);

    /** Whether WEB-INF/lib holds the class of this binary name. */
    boolean isLibraryClass(String name);
}
