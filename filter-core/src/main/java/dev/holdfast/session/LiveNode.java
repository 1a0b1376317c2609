package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * A node of an application, as it stands in the registry.
 *
 * @param incarnation names one run of an application: a {@link RandomToken} of its server process, the same for all its
 *     applications, and behind a dot the number of the run
 * @param route its name in the affinity cookie
 * @param address host and port, by which a node knows its own predecessor
 * @param unsettled shards that it does not load from because Redis lost their data, one bit for each
 * @param application which one it is; null if the node does not tell
 * @param stage whether browsers may be sent there
 */
public record LiveNode(
        String incarnation,
        String route,
        String address,
        long unsettled,
        @Nullable AppIdentity application,
        Stage stage) {
    /** A node on its way from its start to its stop. */
    public enum Stage {
        /** Its server is not open yet. */
        STARTS,
        SERVES,
        /** It is about to leave, and stays if no other node does. */
        DRAINS,
        /** It is about to leave, whatever others do. */
        LEAVES
    }

    public LiveNode(
            String incarnation, String route, String address, long unsettled, @Nullable AppIdentity application) {
        this(incarnation, route, address, unsettled, application, Stage.SERVES);
    }

    public LiveNode(String incarnation, String route, String address, long unsettled) {
        this(incarnation, route, address, unsettled, null);
    }
}
