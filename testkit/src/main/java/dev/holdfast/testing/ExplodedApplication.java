package dev.holdfast.testing;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** A web application as a directory: web.xml, classes taken from the test's class path, files. */
public final class ExplodedApplication {
    private final Path root;

    private ExplodedApplication(Path root) {
        this.root = root;
    }

    /** Begins an empty one in the module's target directory. */
    public static ExplodedApplication create(String name) {
        try {
            Path parent = Files.createDirectories(Path.of("target", "it-apps").toAbsolutePath());
            return new ExplodedApplication(Files.createTempDirectory(parent, name));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make a directory for the application " + name, e);
        }
    }

    /** Begins with a copy of one that the build has made. */
    public static ExplodedApplication copyOf(Path built) {
        ExplodedApplication copy = create(built.getFileName().toString());
        try {
            ContainerProcess.copyTree(built, copy.root);
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot copy " + built, e);
        }
    }

    /** Begins with what is in a WAR. */
    public static ExplodedApplication ofWar(Path war) {
        ExplodedApplication exploded = create(war.getFileName().toString().replace(".war", ""));
        try (FileSystem files = FileSystems.newFileSystem(war)) {
            ContainerProcess.copyTree(files.getPath("/"), exploded.root);
            return exploded;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot unpack " + war, e);
        }
    }

    /** Writes the body of web.xml, what stands between {@code <web-app>} and its end. */
    public ExplodedApplication webXml(String body) {
        return file("WEB-INF/web.xml", """
                <?xml version="1.0" encoding="UTF-8"?>
                <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
                """ + body + "</web-app>\n");
    }

    /** Adds to the end of the web.xml that there is, or writes one. */
    public ExplodedApplication inWebXml(String elements) {
        Path webXml = root.resolve("WEB-INF/web.xml");
        if (!Files.exists(webXml)) {
            return webXml(elements);
        }
        try {
            String before = Files.readString(webXml);
            if (!before.contains("</web-app>")) {
                throw new IllegalStateException(webXml + " has no </web-app> to put something before");
            }
            return file("WEB-INF/web.xml", before.replace("</web-app>", elements + "</web-app>"));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + webXml, e);
        }
    }

    /** Writes a file. */
    public ExplodedApplication file(String path, String text) {
        try {
            Path file = root.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + path, e);
        }
    }

    /** Copies classes, with all that is nested in them, to WEB-INF/classes; they may be in a directory or in a JAR. */
    public ExplodedApplication classes(Class<?>... classes) {
        for (Class<?> type : classes) {
            try {
                URI place = type.getResource(type.getSimpleName() + ".class").toURI();
                if (place.getScheme().equals("jar")) {
                    Path jar = Path.of(URI.create(place.getSchemeSpecificPart().split("!", 2)[0]));
                    try (FileSystem files = FileSystems.newFileSystem(jar)) {
                        copyClasses(type, files.getPath(type.getPackageName().replace('.', '/')));
                    }
                } else {
                    copyClasses(type, Path.of(place).getParent());
                }
            } catch (Exception e) {
                throw new IllegalStateException("Cannot find the class file of " + type, e);
            }
        }
        return this;
    }

    private void copyClasses(Class<?> type, Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.equals(type.getSimpleName() + ".class") || name.startsWith(type.getSimpleName() + "$")) {
                    copy(file, "WEB-INF/classes/" + type.getPackageName().replace('.', '/') + "/" + name);
                }
            }
        }
    }

    /**
     * Compiles a class that needs what the tests do not have, and puts it into WEB-INF/classes.
     *
     * @param name with its package
     */
    public ExplodedApplication source(String name, String text, Path... libraries) {
        try {
            Path classes = Files.createDirectories(root.resolve("WEB-INF/classes"));
            String path = Arrays.stream(libraries).map(Path::toString).collect(Collectors.joining(File.pathSeparator));
            compile(Map.of(name, text), path, classes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot compile " + name, e);
        }
    }

    /**
     * Compiles classes that need nothing but the JDK and each other, and puts them as a JAR into WEB-INF/lib.
     *
     * @param sources by the name of the class, with its package
     */
    public ExplodedApplication library(String jar, Map<String, String> sources) {
        try {
            Path classes = Files.createTempDirectory("library");
            compile(sources, "", classes);
            Path target = root.resolve("WEB-INF/lib").resolve(jar);
            Files.createDirectories(target.getParent());
            try (OutputStream out = Files.newOutputStream(target);
                    JarOutputStream entries = new JarOutputStream(out);
                    Stream<Path> files = Files.walk(classes)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    entries.putNextEntry(
                            new JarEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
                    Files.copy(file, entries);
                }
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make " + jar, e);
        }
    }

    private static void compile(Map<String, String> sources, String path, Path classes) throws IOException {
        Path directory = Files.createTempDirectory("source");
        List<String> arguments =
                new ArrayList<>(List.of("-proc:none", "--release", "17", "-cp", path, "-d", classes.toString()));
        for (Map.Entry<String, String> each : sources.entrySet()) {
            Path source = directory.resolve(each.getKey().replace('.', '/') + ".java");
            Files.createDirectories(source.getParent());
            Files.writeString(source, each.getValue());
            arguments.add(source.toString());
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int result = ToolProvider.getSystemJavaCompiler().run(null, said, said, arguments.toArray(String[]::new));
        if (result != 0) {
            throw new IllegalArgumentException(said.toString(StandardCharsets.UTF_8));
        }
    }

    /** Puts a JAR into WEB-INF/lib. */
    public ExplodedApplication library(Path jar) {
        copy(jar, "WEB-INF/lib/" + jar.getFileName());
        return this;
    }

    private void copy(Path from, String to) {
        try (InputStream in = Files.newInputStream(from)) {
            Path target = root.resolve(to);
            Files.createDirectories(target.getParent());
            Files.copy(in, target);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot copy " + from, e);
        }
    }

    /** A text file of a given size. */
    public ExplodedApplication fileOf(String path, int bytes) {
        char[] text = new char[bytes];
        Arrays.fill(text, 'x');
        return file(path, new String(text));
    }

    /** The directory. */
    public Path path() {
        return root;
    }
}
