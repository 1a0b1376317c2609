package dev.holdfast;

/** The container's server, as far as Holdfast has to know it. Safe for use by many threads. */
public interface ContainerServer {
    /**
     * How many of its threads serve requests at most; asked now and then. 0 if it does not tell, {@link
     * Integer#MAX_VALUE} if there is no limit, as with virtual threads.
     */
    int requestThreads();

    /**
     * Runs a task when the server begins to stop, while it still takes connections and serves its applications; the
     * stop waits for it. Not where a single application stops, where the connectors have been stopped before, or where
     * the process is killed.
     *
     * @return what takes the task back
     */
    Runnable beforeStop(Runnable task);

    /** Whether it has started, with all applications that start with it, and takes connections. */
    boolean isOpen();
}
