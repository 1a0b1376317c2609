package dev.holdfast.session;

/**
 * A node of an application, as it stands in the registry.
 *
 * @param incarnation names one run of the server process: a {@link RandomToken}, the same for all its applications
 * @param route its name in the affinity cookie
 * @param address host and port, by which a node knows its own predecessor
 * @param unsettled shards that it does not load from because Redis lost their data, one bit for each
 */
public record LiveNode(String incarnation, String route, String address, long unsettled) {}
