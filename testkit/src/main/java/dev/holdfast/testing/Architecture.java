package dev.holdfast.testing;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The rules that more than one module has, and the classes that a module asks them about: its own, not those that it
 * uses.
 */
public final class Architecture {
    /** For tests, and for what they are made of. */
    public static final ArchRule NO_SLEEP = noClasses()
            .should()
            .accessTargetWhere(describe(
                    "a thread sleeps",
                    access -> access.getTarget().getName().equals("sleep")
                            && (access.getTargetOwner().isAssignableTo(Thread.class)
                                    || access.getTargetOwner().isAssignableTo(TimeUnit.class))))
            .because("a test waits for what it needs, with Awaitility or a latch");

    /** For the module of a container. */
    public static final ArchRule CONTAINER_SEES_THE_PORTS_ONLY = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.holdfast.session.copy..",
                    "dev.holdfast.session.commit..",
                    "dev.holdfast.session.outage..",
                    "dev.holdfast.session.recovery..",
                    "dev.holdfast.session.expiry..",
                    "dev.holdfast.redis..",
                    "dev.holdfast.codec..",
                    "dev.holdfast.config..",
                    "redis.clients..",
                    "com.esotericsoftware..")
            .because("Holdfast builds the object graph");

    private Architecture() {}

    /** The module's {@code src/main}. */
    public static final class Main implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return isIn("classes", location);
        }
    }

    /** The module's {@code src/test}. */
    public static final class Tests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return isIn("test-classes", location);
        }
    }

    private static boolean isIn(String folder, Location location) {
        Path target =
                Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("target");
        return !location.isJar() && Path.of(location.asURI()).startsWith(target.resolve(folder));
    }
}
