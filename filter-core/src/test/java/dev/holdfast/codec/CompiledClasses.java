package dev.holdfast.codec;

import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** One version of an application: its classes compiled from source, its loader, its codec. */
final class CompiledClasses extends ClassLoader {
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    /** One for all, and never closed: it keeps what it has read of the class path. */
    private static final JavaFileManager STANDARD = COMPILER.getStandardFileManager(null, null, null);

    private final Map<String, byte[]> classFiles = new HashMap<>();

    /** Names of classes that were asked for, to see what a decoder tried to load. */
    final Set<String> asked = ConcurrentHashMap.newKeySet();

    private CompiledClasses() {
        super(CompiledClasses.class.getClassLoader());
    }

    /** Each source begins with its simple class name and a colon, its package is {@code app}. */
    static synchronized CompiledClasses of(String... sources) throws Exception {
        CompiledClasses classes = new CompiledClasses();
        List<JavaFileObject> units = new ArrayList<>();
        for (String source : sources) {
            int colon = source.indexOf(':');
            units.add(new Source(source.substring(0, colon), "package app;\n" + source.substring(colon + 1)));
        }
        JavaFileManager memory = classes.new Memory(STANDARD);
        boolean compiled = COMPILER.getTask(null, memory, null, List.of("-proc:none"), null, units)
                .call();
        if (!compiled) {
            throw new IllegalArgumentException("does not compile");
        }
        return classes;
    }

    KryoCodec codec() {
        return new KryoCodec(this, ClassPolicy.strict(ClassPatterns.NONE, name -> name.startsWith("app.")));
    }

    /** What the static method {@code make} of a class returns. */
    Object make(String simpleName) throws Exception {
        var make = loadClass("app." + simpleName).getDeclaredMethod("make");
        make.setAccessible(true);
        return Objects.requireNonNull(make.invoke(null));
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        asked.add(name);
        byte[] file = classFiles.get(name);
        if (file == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, file, 0, file.length);
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String simpleName, String text) {
            super(URI.create("memory:///app/" + simpleName + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private final class Memory extends ForwardingJavaFileManager<JavaFileManager> {
        Memory(JavaFileManager standard) {
            super(standard);
        }

        @Override
        public void close() {} // not that of all

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + className.replace('.', '/') + ".class"), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return new ByteArrayOutputStream() {
                        @Override
                        public void close() {
                            classFiles.put(className, toByteArray());
                        }
                    };
                }
            };
        }
    }
}
