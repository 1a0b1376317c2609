package dev.holdfast.dist;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Makes {@code target/holdfast-VERSION.zip} of what the build of the other modules made, and of the documentation. From
 * the same files it makes the same bytes.
 *
 * <p>Started from the module's directory, without being compiled: {@code java MakeZip.java VERSION TIMESTAMP}.
 */
public final class MakeZip {
    private static final Path ROOT = Path.of("..");
    private static final String BALANCER_MARK = "<!-- tested: BalancersIT -->\n";

    private final String version;
    private final Map<String, byte[]> files = new TreeMap<>();

    private MakeZip(String version) {
        this.version = version;
    }

    public static void main(String[] args) throws IOException {
        MakeZip zip = new MakeZip(args[0]);
        zip.collect();
        zip.write(Path.of("target"), Instant.parse(args[1]));
    }

    private void collect() throws IOException {
        addFile("LICENSE", "LICENSE");
        addFile("THIRD-PARTY.txt", "tomcat-valve/src/main/resources/META-INF/THIRD-PARTY.txt");
        // Marks are for the tests of the documentation.
        add(
                "QUICKSTART.md",
                Files.readString(ROOT.resolve("docs/quickstart.md")).replaceAll("(?m)^ *<!-- .* -->\\R", ""));
        for (String container : new String[] {"tomcat", "jetty"}) {
            String target = (container.equals("tomcat") ? "tomcat-valve" : "jetty-module") + "/target/";
            String name = "holdfast-" + container + "-" + version;
            addFile(name + ".jar", target + name + ".jar");
            addFile("sbom/" + name + ".cdx.json", target + name + "-cyclonedx.json");
        }
        String affinity = Files.readString(ROOT.resolve("docs/affinity.md"));
        addBalancer("haproxy.cfg", "haproxy", "For haproxy.cfg.", affinity);
        addBalancer("nginx.conf", "nginx", "For the http block of nginx.", affinity);
        addBalancer("httpd.conf", "apache", "For a VirtualHost of httpd.", affinity);
        addBalancer("Caddyfile", "caddyfile", "For a Caddyfile.", affinity);
        StringBuilder sums = new StringBuilder();
        files.forEach((name, bytes) -> sums.append(sha256(bytes) + "  " + name + "\n"));
        add("SHA256SUMS", sums.toString());
    }

    /** The configuration that the documentation has, and its tests run. */
    private void addBalancer(String name, String language, String place, String document) {
        Matcher snippet = Pattern.compile(
                        Pattern.quote(BALANCER_MARK) + "```" + language + "\\n(.*?)```\\n", Pattern.DOTALL)
                .matcher(document);
        if (!snippet.find()) {
            throw new IllegalStateException("docs/affinity.md has no tested configuration in " + language);
        }
        String head = "# " + place + " n1 and n2 are the nodes' holdfast.node; put your own addresses in.\n";
        add("balancers/" + name, head + snippet.group(1));
    }

    private void addFile(String name, String source) throws IOException {
        Path path = ROOT.resolve(source);
        if (!Files.exists(path)) {
            throw new IllegalStateException(source
                    + " is missing. The build of the other modules makes it; bills of materials only without -o.");
        }
        files.put(name, Files.readAllBytes(path));
    }

    private void add(String name, String text) {
        files.put(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private void write(Path directory, Instant time) throws IOException {
        String name = "holdfast-" + version;
        Files.createDirectories(directory);
        Path zip = directory.resolve(name + ".zip");
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file)) {
            for (Map.Entry<String, byte[]> entry : files.entrySet()) {
                ZipEntry head = new ZipEntry(name + "/" + entry.getKey());
                head.setTimeLocal(time.atOffset(ZoneOffset.UTC).toLocalDateTime());
                out.putNextEntry(head);
                out.write(entry.getValue());
            }
        }
        Files.writeString(
                directory.resolve(name + ".zip.sha256"), sha256(Files.readAllBytes(zip)) + "  " + name + ".zip\n");
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
