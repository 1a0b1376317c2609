package dev.holdfast.cli;

/** What a command ends with. */
final class ExitCode {
    static final int DONE = 0;
    static final int NOT_DONE = 1;
    static final int NOT_ASKED = 2;
    static final int NOT_THERE = 3;

    private ExitCode() {}
}
