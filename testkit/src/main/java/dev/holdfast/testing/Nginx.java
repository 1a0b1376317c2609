package dev.holdfast.testing;

import java.nio.file.Path;
import java.util.List;

/** A real nginx on a free loopback port; ends the test as {@link RealParts#require} says where it is not installed. */
public final class Nginx implements AutoCloseable {
    private final int port;
    private final BalancerProcess process;

    private Nginx(int port, BalancerProcess process) {
        this.port = port;
        this.process = process;
    }

    /**
     * The configuration of docs/affinity.md: affinity by the route cookie over two nodes named n1 and n2.
     *
     * @param n1 the port of the first node on the loopback interface
     * @param n2 the port of the second
     */
    public static Nginx byRouteCookie(int n1, int n2) {
        Path binary = RealParts.require("nginx", "nginx");
        int port = Ports.free();
        Path directory = BalancerProcess.directory("nginx");
        String text = """
                daemon off;
                worker_processes 1;
                pid nginx.pid;
                error_log stderr;
                events {}
                http {
                access_log off;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                """ + Docs.balancer("nginx", n1, n2).replace("10.0.0.1:80", "127.0.0.1:" + port) + "}\n";
        Path file = BalancerProcess.write(directory.resolve("nginx.conf"), text);
        return new Nginx(
                port,
                new BalancerProcess(
                        List.of(binary.toString(), "-p", directory.toString(), "-c", file.toString(), "-e", "stderr"),
                        directory,
                        port));
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.close();
    }
}
