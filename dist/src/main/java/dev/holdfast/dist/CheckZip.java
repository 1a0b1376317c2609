package dev.holdfast.dist;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Looks into {@code target/holdfast-VERSION.zip}: whether it has what it should and nothing else, whether all checksums
 * match, and whether JARs, bills of materials and licences fit together. Prints what is wrong, and exits 1.
 *
 * <p>Started from the module's directory, without being compiled: {@code java CheckZip.java VERSION}.
 */
public final class CheckZip {
    private static final Pattern COMPONENT = Pattern.compile("\"purl\" : \"pkg:maven/([^/\"]+)/([^@\"]+)@");

    /** In a bill of materials, since libraries name them, and not in the JAR: annotations for compilers. */
    private static final Set<String> NOT_INSIDE = Set.of("error_prone_annotations", "jspecify");

    private final String version;
    private final Map<String, byte[]> files = new TreeMap<>();
    private final List<String> wrong = new ArrayList<>();

    private CheckZip(String version) {
        this.version = version;
    }

    public static void main(String[] args) throws IOException {
        CheckZip check = new CheckZip(args[0]);
        Path zip = Path.of("target", "holdfast-" + check.version + ".zip");
        check.checkSumOf(zip);
        check.read(zip);
        check.check();
        check.wrong.forEach(System.err::println);
        if (!check.wrong.isEmpty()) {
            System.exit(1);
        }
        System.out.println(zip.toAbsolutePath().normalize() + ": " + Files.size(zip) + " bytes, " + check.files.size()
                + " files, all checksums match");
    }

    private void checkSumOf(Path zip) throws IOException {
        String expected = sha256(Files.readAllBytes(zip)) + "  " + zip.getFileName() + "\n";
        expect(
                Files.readString(zip.resolveSibling(zip.getFileName() + ".sha256"))
                        .equals(expected),
                zip + " has another checksum");
    }

    private void read(Path zip) throws IOException {
        String directory = "holdfast-" + version + "/";
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                expect(entry.getName().startsWith(directory), entry.getName() + " is not in " + directory);
                files.put(entry.getName().substring(directory.length()), in.readAllBytes());
            }
        }
    }

    private void check() throws IOException {
        String tomcat = "holdfast-tomcat-" + version;
        String jetty = "holdfast-jetty-" + version;
        Set<String> expected = new TreeSet<>(Set.of(
                "LICENSE",
                "QUICKSTART.md",
                "SHA256SUMS",
                "THIRD-PARTY.txt",
                "balancers/Caddyfile",
                "balancers/haproxy.cfg",
                "balancers/httpd.conf",
                "balancers/nginx.conf",
                jetty + ".jar",
                "sbom/" + jetty + ".cdx.json",
                tomcat + ".jar",
                "sbom/" + tomcat + ".cdx.json"));
        if (!files.keySet().equals(expected)) {
            wrong.add("The zip has " + files.keySet() + " instead of " + expected);
            return;
        }
        checkSums();
        checkJar(tomcat, "dev/holdfast/tomcat/HoldfastManager.class");
        checkJar(jetty, "dev/holdfast/jetty/HoldfastJetty.class");
        expectText("balancers/haproxy.cfg", "cookie HFROUTE");
        expectText("balancers/nginx.conf", "$cookie_HFROUTE");
        expectText("balancers/httpd.conf", "stickysession=HFROUTE");
        expectText("balancers/Caddyfile", "HFROUTE=");
        expectText("LICENSE", "Apache License");
        expect(!text("QUICKSTART.md").contains("<!--"), "QUICKSTART.md has marks of the documentation's tests");
    }

    private void checkSums() {
        Set<String> named = new TreeSet<>(Set.of("SHA256SUMS"));
        for (String line : text("SHA256SUMS").lines().toList()) {
            String[] parts = line.split("  ", 2);
            named.add(parts[1]);
            expect(
                    files.containsKey(parts[1]) && sha256(files.get(parts[1])).equals(parts[0]),
                    parts[1] + " has another checksum");
        }
        expect(named.equals(files.keySet()), "SHA256SUMS names " + named);
    }

    private void checkJar(String name, String itsClass) throws IOException {
        Map<String, byte[]> inside = new TreeMap<>();
        String made = null;
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(files.get(name + ".jar")))) {
            if (in.getManifest() != null) {
                made = in.getManifest().getMainAttributes().getValue("Implementation-Version");
            }
            for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
                inside.put(entry.getName(), in.readAllBytes());
            }
        }
        expect(version.equals(made), name + ".jar says that it is version " + made);
        expect(inside.containsKey(itsClass), name + ".jar has no " + itsClass);
        expect(same(inside, "META-INF/LICENSE", "LICENSE"), name + ".jar has another LICENSE");
        expect(same(inside, "META-INF/THIRD-PARTY.txt", "THIRD-PARTY.txt"), name + ".jar has another THIRD-PARTY.txt");

        // The licence of each library that is named.
        Matcher component = COMPONENT.matcher(text("sbom/" + name + ".cdx.json"));
        Set<String> libraries = new TreeSet<>();
        while (component.find()) {
            if (!component.group(1).equals("dev.holdfast") && !NOT_INSIDE.contains(component.group(2))) {
                libraries.add(component.group(2));
            }
        }
        expect(
                libraries.contains("jedis") && libraries.contains("kryo"),
                "the bill of materials of " + name + " has only " + libraries);
        for (String library : libraries) {
            expectText("THIRD-PARTY.txt", library);
        }
    }

    private boolean same(Map<String, byte[]> inside, String entry, String file) {
        return inside.containsKey(entry) && MessageDigest.isEqual(inside.get(entry), files.get(file));
    }

    private String text(String file) {
        return new String(files.get(file), StandardCharsets.UTF_8);
    }

    private void expectText(String file, String part) {
        expect(text(file).contains(part), file + " does not have " + part);
    }

    private void expect(boolean right, String otherwise) {
        if (!right) {
            wrong.add(otherwise);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
