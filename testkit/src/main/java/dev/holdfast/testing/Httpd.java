package dev.holdfast.testing;

import java.nio.file.Path;
import java.util.List;

/**
 * A real Apache httpd on a free loopback port; ends the test as {@link RealParts#require} says where it is not
 * installed.
 */
public final class Httpd implements AutoCloseable {
    private static final String MODULES = "/usr/lib/apache2/modules";

    private final int port;
    private final BalancerProcess process;

    private Httpd(int port, BalancerProcess process) {
        this.port = port;
        this.process = process;
    }

    /**
     * The configuration of docs/affinity.md: affinity by the route cookie over two nodes named n1 and n2.
     *
     * @param n1 the port of the first node on the loopback interface
     * @param n2 the port of the second
     */
    public static Httpd byRouteCookie(int n1, int n2) {
        return with(Docs.balancer("apache", n1, n2));
    }

    /** As {@link #byRouteCookie}, by the route in the session id. */
    public static Httpd bySessionId(int n1, int n2) {
        return with(Docs.balancer("The route in the session id", "apache", n1, n2));
    }

    /** Ends the test as {@link RealParts#require} says where it is not installed. */
    public static Path requireInstalled() {
        return RealParts.require("apache2", "apache2");
    }

    private static Httpd with(String configuration) {
        Path binary = requireInstalled();
        int port = Ports.free();
        Path directory = BalancerProcess.directory("httpd");
        StringBuilder text = new StringBuilder();
        for (String module : List.of(
                "mpm_event",
                "authz_core",
                "headers",
                "proxy",
                "proxy_http",
                "slotmem_shm",
                "proxy_balancer",
                "lbmethod_byrequests")) {
            text.append("LoadModule ").append(module).append("_module ");
            text.append(MODULES).append("/mod_").append(module).append(".so\n");
        }
        text.append("ServerRoot ").append(directory).append('\n');
        text.append("DefaultRuntimeDir ").append(directory).append('\n');
        text.append("PidFile httpd.pid\nErrorLog error.log\nServerName localhost\n");
        text.append("Listen 127.0.0.1:").append(port).append('\n').append(configuration);
        Path file = BalancerProcess.write(directory.resolve("httpd.conf"), text.toString());
        return new Httpd(
                port,
                new BalancerProcess(
                        List.of(binary.toString(), "-D", "FOREGROUND", "-f", file.toString()), directory, port));
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.close();
    }
}
