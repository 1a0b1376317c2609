package dev.holdfast.applications;

import dev.holdfast.testing.Repository;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the build has made of an application beside this module. */
final class BuiltApplication {
    private BuiltApplication() {}

    /**
     * Finds it.
     *
     * @param module directory of the application, as in {@code spring-boot}
     * @param name of a file, as in {@code shop.jar}, or of the directory of an exploded WAR
     * @throws IllegalStateException if it is not built
     */
    static Path of(String module, String name) {
        Path built = Repository.root()
                .resolve("examples/applications")
                .resolve(module)
                .resolve("target")
                .resolve(name);
        if (!Files.exists(built)) {
            throw new IllegalStateException(
                    "No " + built + ": build that application, too (-am), up to the phase package");
        }
        return built;
    }
}
