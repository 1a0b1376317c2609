package dev.holdfast.examples.failover;

/** Who keeps the shop's sessions. */
enum Manager {
    /** Holdfast's JAR is in each container's lib. */
    HOLDFAST,
    /** Tomcat and Jetty as they are unpacked: sessions live and die with their node. */
    TOMCAT;

    /** As written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
