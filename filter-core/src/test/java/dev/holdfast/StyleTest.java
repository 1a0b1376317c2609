package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Rules of style that neither the formatter nor Error Prone knows, for the files of all modules. */
class StyleTest {
    private static final Path ROOT = Path.of(System.getProperty("basedir", "."), "..");
    private static final Set<String> NOT_OURS = Set.of("target", ".git");
    private static final Pattern COMMENT = Pattern.compile("^ *(//|/?\\*).*");
    private static final Pattern TAKES_A_LOCK = Pattern.compile(".*(\\bsynchronized\\b|new ReentrantLock\\().*");

    /** Wider ones are cut where forges show them; the formatter leaves comments and texts as they are. */
    private static final int WIDTH = 120;

    /** A class that is longer has more than one reason to change. */
    private static final int LENGTH = 330;

    /** What inherits from a container's own class has all of its methods to answer for. */
    private static final Set<String> LONGER = Set.of(
            "jetty-module/src/main/java/dev/holdfast/jetty/HoldfastSession.java",
            "tomcat-valve/src/main/java/dev/holdfast/tomcat/HoldfastManager.java",
            "tomcat-valve/src/main/java/dev/holdfast/tomcat/HoldfastSession.java");

    /** Takes a lock, and guards by it no field that Error Prone could check. */
    private static final Map<String, String> GUARDS_NO_FIELD = Map.of(
            "AffinityFilter", "its field is volatile, and written under the monitor",
            "BoundedSocket", "as the methods of Socket that it stands for",
            "ClusterTopology", "one question at a time, and no field",
            "CopyAccess", "the monitor of CopyAdmission",
            "CopyContent", "the monitor of CopyAdmission",
            "HeardSocket", "as the methods of Socket that it stands for",
            "HoldfastTomcat", "the container's pipeline",
            "RequestHold", "its field is volatile, and written under the monitor",
            "ServerReport", "the making of one for each server of the container",
            "SlotRuns", "an atomic array, which is written under the monitor");

    /** In tests texts may be wider: what they compare stands there as it is read. */
    @Test
    void noLineIsWiderThanForgesShow() throws IOException {
        List<String> wide = new ArrayList<>();
        for (Path file : files("java")) {
            List<String> lines = Files.readAllLines(ROOT.resolve(file));
            for (int i = 0; i < lines.size(); i++) {
                boolean counts = isMain(file) || COMMENT.matcher(lines.get(i)).matches();
                if (counts && lines.get(i).length() > WIDTH) {
                    wide.add(file + ":" + (i + 1));
                }
            }
        }

        assertThat(wide).isEmpty();
    }

    @Test
    void noClassOfMainCodeGrowsWithoutEnd() throws IOException {
        Set<String> longer = new TreeSet<>();
        for (Path file : files("java")) {
            if (isMain(file) && Files.readAllLines(ROOT.resolve(file)).size() > LENGTH) {
                longer.add(file.toString());
            }
        }

        assertThat(longer).containsExactlyInAnyOrderElementsOf(LONGER);
    }

    @Test
    void noImportIsAWildcard() throws IOException {
        List<String> wildcards = new ArrayList<>();
        for (Path file : files("java")) {
            Files.readAllLines(ROOT.resolve(file)).stream()
                    .filter(line -> line.startsWith("import ") && line.endsWith(".*;"))
                    .forEach(line -> wildcards.add(file + ": " + line));
        }

        assertThat(wildcards).isEmpty();
    }

    /** On its line, the one before, or within what it spans. */
    @Test
    void everyWarningThatMainCodeSuppressesHasItsReasonBesideIt() throws IOException {
        List<String> silent = new ArrayList<>();
        for (Path file : files("java")) {
            List<String> lines = isMain(file) ? Files.readAllLines(ROOT.resolve(file)) : List.of();
            for (int i = 0; i < lines.size(); i++) {
                int end = Math.min(lines.size(), i + 4);
                if (lines.get(i).contains("@SuppressWarnings")
                        && lines.subList(Math.max(0, i - 1), end).stream().noneMatch(line -> line.contains("//"))) {
                    silent.add(file + ":" + (i + 1));
                }
            }
        }

        assertThat(silent).isEmpty();
    }

    /** {@code @GuardedBy} is checked by the compiler; that it is there is seen here. */
    @Test
    void everyClassThatTakesALockSaysWhatItGuards() throws IOException {
        Set<String> silent = new TreeSet<>();
        for (Path file : files("java")) {
            String name = file.getFileName().toString().replace(".java", "");
            List<String> code = isProduct(file)
                    ? Files.readAllLines(ROOT.resolve(file)).stream()
                            .filter(line -> !COMMENT.matcher(line).matches())
                            .toList()
                    : List.of();
            if (code.stream().anyMatch(line -> TAKES_A_LOCK.matcher(line).matches())
                    && code.stream().noneMatch(line -> line.contains("@GuardedBy("))) {
                silent.add(name);
            }
        }

        assertThat(silent).containsExactlyInAnyOrderElementsOf(GUARDS_NO_FIELD.keySet());
    }

    @Test
    void everyDocumentHasOneTitle() throws IOException {
        Map<Path, Long> titles = new TreeMap<>();
        for (Path file : files("md")) {
            boolean[] inCode = new boolean[1];
            long count = Files.readAllLines(ROOT.resolve(file)).stream()
                    .filter(line -> {
                        inCode[0] ^= line.startsWith("```");
                        return !inCode[0] && line.startsWith("# ");
                    })
                    .count();
            titles.put(file, count);
        }

        assertThat(titles)
                .isNotEmpty()
                .allSatisfy((file, count) ->
                        assertThat(count).as("titles of %s", file).isEqualTo(1));
    }

    /** What is to be done is in the list of issues, where somebody looks. */
    @Test
    void nothingIsLeftToBeDoneInAComment() throws IOException {
        Pattern mark = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");
        List<String> found = new ArrayList<>();
        for (String kind : List.of("java", "lua", "xml")) {
            for (Path file : files(kind)) {
                Files.readAllLines(ROOT.resolve(file)).stream()
                        .filter(line -> mark.matcher(line).find())
                        .forEach(line -> found.add(file + ": " + line.strip()));
            }
        }

        assertThat(found).isEmpty();
    }

    /** The kit is test code, wherever it lies. */
    private static boolean isMain(Path file) {
        return file.toString().contains("src/main/java") && !file.startsWith("testkit");
    }

    private static boolean isProduct(Path file) {
        return isMain(file) && !file.startsWith("examples") && !file.startsWith("dist");
    }

    private static List<Path> files(String kind) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                // Others may be at work there.
                boolean ours = !NOT_OURS.contains(directory.getFileName().toString());
                return ours ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith("." + kind)) {
                    found.add(ROOT.relativize(file));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        found.sort(Comparator.naturalOrder());
        return found;
    }
}
