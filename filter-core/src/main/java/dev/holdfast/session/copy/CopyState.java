package dev.holdfast.session.copy;

/** Where a copy is in its life. */
enum CopyState {
    /** Admits nobody: its state is being loaded or replaced. */
    EMPTY,
    /** The one serving object of its id on this node. */
    SERVING,
    /** An orphan: only the requests that were open on it still see it, and it is never committed. */
    DROPPED,
    /** Ended by a request of this node: gone, and nothing of it is to be written. */
    ENDED
}
