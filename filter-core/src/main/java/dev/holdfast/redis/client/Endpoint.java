package dev.holdfast.redis.client;

/** Where one server is: the name or address that certificates, messages and the protocol use, and its port. */
record Endpoint(String host, int port) {
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
