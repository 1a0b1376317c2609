package dev.holdfast;

import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Looks whether a server has Holdfast more than once: an upgrade that left the old JAR beside the new one. */
final class InstalledCopies {
    private static final String MARK = "dev/holdfast/Holdfast.class";

    private InstalledCopies() {}

    /**
     * What to say of it, if there is something to say.
     *
     * @param loader that of the server, which has loaded this class
     */
    static Optional<String> complaint(ClassLoader loader) {
        List<String> places;
        try {
            places = Collections.list(loader.getResources(MARK)).stream()
                    .map(InstalledCopies::place)
                    .distinct()
                    .toList();
        } catch (IOException e) {
            return Optional.empty(); // it is there all the same: this class was loaded
        }
        return places.size() < 2
                ? Optional.empty()
                : Optional.of(
                        "HF-304: This server has Holdfast " + places.size() + " times: " + String.join(", ", places)
                                + ". For each class the JAR that is found first is used. Remove all but one and start"
                                + " again.");
    }

    private static String place(URL found) {
        String text = found.toString();
        String whole = text.substring(0, text.length() - MARK.length());
        return whole.startsWith("jar:") && whole.endsWith("!/") ? whole.substring(4, whole.length() - 2) : whole;
    }
}
