package dev.holdfast.examples.shop;

/** The name of the node on which the shop runs: the system property {@code shop.node}. */
final class NodeName {

    private NodeName() {}

    static String get() {
        return System.getProperty("shop.node", "unnamed");
    }
}
