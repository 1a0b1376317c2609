package dev.holdfast.redis;

/** What a failure says, without what a busy machine adds to it. */
final class Said {
    private static final String STOOD =
            "This node itself stood still for \\d+ms meanwhile, which was not counted\\. HF-454: [^.]*\\. ";

    private Said() {}

    static String of(Throwable failure) {
        return String.valueOf(failure.getMessage()).replaceFirst(STOOD, "");
    }
}
