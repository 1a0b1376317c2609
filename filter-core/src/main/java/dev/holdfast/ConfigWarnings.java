package dev.holdfast;

import dev.holdfast.config.NodeSettings;
import dev.holdfast.config.Setting;
import dev.holdfast.config.Settings;
import dev.holdfast.config.SettingsReader;
import java.util.ArrayList;
import java.util.List;

/** What of the settings is worth a warning and no reason not to start. */
final class ConfigWarnings {
    private ConfigWarnings() {}

    /** What is odd, and what was set and has no effect beside the other settings. A default is nobody's mistake. */
    static List<String> of(SettingsReader settings) {
        List<String> warnings = new ArrayList<>(settings.warnings());
        String classes = settings.get(Settings.CLASSES);
        String directory = settings.told(Settings.CLASSES_DIRECTORY);
        if (directory != null && !classes.equals("learn") && !HoldfastConfig.isReport(settings)) {
            warnings.add(withoutEffect(directory, Settings.CLASSES, classes)
                    + "nothing is written. Take it away, or set holdfast.classes to learn or report on a test system.");
        }
        String unstorable = settings.told(Settings.UNSTORABLE);
        if (unstorable != null
                && HoldfastConfig.isReport(settings)
                && settings.get(Settings.UNSTORABLE).equals("refuse")) {
            warnings.add(withoutEffect(unstorable, Settings.CLASSES, classes)
                    + "what cannot be stored stays on its node and is named. Take one of the two away.");
        }
        for (Setting<?> ofDrain : List.of(NodeSettings.DRAIN_FILE, NodeSettings.DRAIN_LIMIT)) {
            String drain = settings.told(ofDrain);
            boolean off = ofDrain.equals(NodeSettings.DRAIN_LIMIT)
                    && settings.get(NodeSettings.DRAIN_LIMIT).isZero();
            if (drain != null
                    && !off
                    && settings.find(NodeSettings.HEALTH_PATH) == null
                    && settings.get(Settings.AFFINITY).equals("none")) {
                warnings.add("HF-130: " + drain + ", which has no effect without holdfast.health.path and with"
                        + " holdfast.affinity = none: no balancer hears of it. Set holdfast.health.path, too.");
            }
        }
        String affinity = settings.get(Settings.AFFINITY);
        String outage = settings.told(Settings.OUTAGE);
        if (outage != null
                && affinity.equals("none")
                && settings.get(Settings.OUTAGE).equals("serve")) {
            warnings.add(withoutEffect(outage, Settings.AFFINITY, affinity)
                    + "each request asks Redis, so nothing is served from memory while it is away, and what needs a"
                    + " session is answered 503. Take it away; or let the balancer follow the route cookie, and set"
                    + " holdfast.affinity to cookie.");
        }
        if (affinity.equals("cookie")) {
            return warnings;
        }
        for (Setting<String> ofCookie : List.of(Settings.AFFINITY_COOKIE, Settings.AFFINITY_PREFIX)) {
            String told = settings.told(ofCookie);
            if (told != null) {
                warnings.add(withoutEffect(told, Settings.AFFINITY, affinity)
                        + "no route cookie is set. Take it away; or, if the balancer follows that cookie, set"
                        + " holdfast.affinity to cookie.");
            }
        }
        return warnings;
    }

    private static String withoutEffect(String told, Setting<String> beside, String value) {
        return "HF-130: " + told + ", which has no effect with " + beside + " = " + value + ": ";
    }
}
