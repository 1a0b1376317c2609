package dev.holdfast.tomcat;

import dev.holdfast.ApplicationClasses;
import java.util.Collection;

/**
 * The classes of an application whose framework tells which are its own. What a filter of Tomcat's keeps in a session
 * for it counts as its own, too.
 *
 * @param told by the framework
 */
record FrameworkClasses(ApplicationClasses told) implements ApplicationClasses {
    @Override
    public boolean isApplicationClass(String name) {
        return WebappClasses.OF_TOMCATS_FILTERS.contains(name) || told.isApplicationClass(name);
    }

    @Override
    public Collection<String> packages() {
        return told.packages();
    }

    @Override
    public boolean isLibraryClass(String name) {
        return told.isLibraryClass(name);
    }

    @Override
    public String allowing(String patterns) {
        return told.allowing(patterns);
    }
}
