package dev.holdfast.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** That of the JAR. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {"Holdfast " + Objects.requireNonNullElse(version, "of no version")};
    }
}
