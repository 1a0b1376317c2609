package dev.holdfast.cli;

import java.util.Map;

/** What a command is run in. */
interface Surroundings {
    /** The variables of the environment. */
    Map<String, String> environment();
}
