package dev.holdfast.codec.policy;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Which classes may be stored and, above all, loaded from stored bytes. Decides by name, so that a class outside the
 * policy is never loaded. Safe for use by many threads.
 *
 * <p>Allowed are the JDK's value types, the application's own classes, those of WEB-INF/lib that are the application's
 * own by their package ({@link OwnPackages}), what the frameworks that it has are known to keep in a session, and the
 * patterns of {@code holdfast.classes.allow}. Refused whatever allows them: what that setting excepts, and classes that
 * are known from attacks. A super class of an allowed class needs no permission of its own.
 */
public final class ClassPolicy {
    /**
     * What of the JDK may be in a session. Left out on purpose: everything that acts when it is read or called
     * (java.lang.invoke, java.lang.reflect, java.rmi, javax.management, java.security.SignedObject, com.sun, …).
     */
    private static final ClassPatterns JDK = ClassPatterns.parse("""
        java.lang.*, java.math.*, java.time.**, java.text.*, java.io.*, java.net.*, java.sql.*,
        java.util.*, java.util.concurrent.**, java.util.regex.Pattern,
        java.security.Principal, java.security.KeyRep, java.security.KeyRep$Type, java.security.KeyPair,
        java.security.cert.*, javax.crypto.spec.SecretKeySpec,
        javax.security.auth.Subject, javax.security.auth.Subject$SecureSet, javax.security.auth.x500.X500Principal,
        javax.security.auth.kerberos.KerberosPrincipal,
        sun.util.BuddhistCalendar, sun.util.calendar.ZoneInfo
        """);

    private static final Set<String> PRIMITIVES =
            Set.of("boolean", "byte", "char", "short", "int", "long", "float", "double", "void");

    /** Bounds what forged names can make this object remember. */
    private static final int REMEMBERED = 10_000;

    private final ClassPatterns allow;
    private final Predicate<String> own;
    private final ClassPatterns presets;
    private final Predicate<String> libraryClass;
    private final Consumer<String> learned;
    private final UnaryOperator<String> allowing;
    private final Mode mode;
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final Set<String> learnedNames = ConcurrentHashMap.newKeySet();

    private enum Mode {
        STRICT,
        APP,
        LEARN
    }

    private ClassPolicy(
            Mode mode,
            ClassPatterns allow,
            Predicate<String> own,
            ClassPatterns presets,
            Predicate<String> libraryClass,
            UnaryOperator<String> allowing,
            Consumer<String> learned) {
        this.mode = mode;
        this.allow = allow;
        this.own = own;
        this.presets = presets;
        this.libraryClass = libraryClass;
        this.allowing = allowing;
        this.learned = learned;
    }

    /**
     * The policy of {@code holdfast.classes=strict}: no class of WEB-INF/lib, and no lambda, but by name.
     *
     * @param allow the setting {@code holdfast.classes.allow}
     * @param applicationClass whether WEB-INF/classes holds the class of this binary name; must not load it
     */
    public static ClassPolicy strict(ClassPatterns allow, Predicate<String> applicationClass) {
        return new ClassPolicy(
                Mode.STRICT,
                allow,
                applicationClass,
                ClassPatterns.NONE,
                name -> false,
                ClassPolicy::contextParam,
                name -> {});
    }

    /**
     * The policy of {@code holdfast.classes=app}: as {@link #strict}, the application's own classes of WEB-INF/lib, and
     * what frameworks are known to keep in a session.
     *
     * @param applicationPackages the packages of WEB-INF/classes
     * @param libraryClass whether WEB-INF/lib holds the class of this binary name; must not load it
     * @param present whether the application can load the class of this binary name; must not load it
     */
    public static ClassPolicy app(
            ClassPatterns allow,
            Predicate<String> applicationClass,
            Collection<String> applicationPackages,
            Predicate<String> libraryClass,
            Predicate<String> present) {
        return new ClassPolicy(
                Mode.APP,
                allow,
                own(applicationClass, applicationPackages, libraryClass),
                Presets.of(present),
                libraryClass,
                ClassPolicy::contextParam,
                name -> {});
    }

    /**
     * The policy of {@code holdfast.classes=learn} and {@code report}: as {@link #app}, and all classes of WEB-INF/lib.
     *
     * @param learned takes the name of each class that a session needs and {@link #app} would refuse, once: those of
     *     WEB-INF/lib, and of live values whatever nothing but the policy refuses
     */
    public static ClassPolicy learn(
            ClassPatterns allow,
            Predicate<String> applicationClass,
            Collection<String> applicationPackages,
            Predicate<String> libraryClass,
            Predicate<String> present,
            Consumer<String> learned) {
        return new ClassPolicy(
                Mode.LEARN,
                allow,
                own(applicationClass, applicationPackages, libraryClass),
                Presets.of(present),
                libraryClass,
                ClassPolicy::contextParam,
                learned);
    }

    /**
     * The same policy, whose messages show the setting {@code holdfast.classes.allow} in another form than that of a
     * web.xml.
     *
     * @param form makes the setting of its value
     */
    public ClassPolicy showingAllowAs(UnaryOperator<String> form) {
        return new ClassPolicy(mode, allow, own, presets, libraryClass, form, learned);
    }

    private static Predicate<String> own(
            Predicate<String> applicationClass,
            Collection<String> applicationPackages,
            Predicate<String> libraryClass) {
        OwnPackages packages = new OwnPackages(applicationPackages);
        return name -> applicationClass.test(name) || (packages.has(name) && libraryClass.test(name));
    }

    /** Decides by the name that {@link Class#getName()} gives, arrays by their elements. */
    boolean allows(String className) {
        String name = elementName(className);
        if (PRIMITIVES.contains(name) || known.contains(name)) {
            return true;
        }
        boolean allowed = decide(name);
        if (allowed && known.size() < REMEMBERED) {
            known.add(name);
        }
        return allowed;
    }

    /** Whether a class is refused whatever allows it, also as the super class of one that is allowed. */
    boolean forbids(String name) {
        return KnownGadgets.has(name) || allow.except(name);
    }

    /** Whether {@code !} names the class. */
    boolean excepts(String name) {
        return allow.except(name);
    }

    /** Whether serializable lambdas of allowed classes are values, too. */
    boolean allowsLambdas() {
        return (mode != Mode.STRICT || allow.match(StorableClasses.LAMBDA_FORM))
                && !allow.except(StorableClasses.LAMBDA_FORM);
    }

    private boolean decide(String name) {
        if (forbids(name)) {
            return false;
        }
        return JDK.match(name) || allow.match(name) || presets.match(name) || own.test(name) || learns(name);
    }

    private boolean learns(String name) {
        if (mode != Mode.LEARN || !libraryClass.test(name)) {
            return false;
        }
        learn(name);
        return true;
    }

    private void learn(String name) {
        if (learnedNames.size() < REMEMBERED && learnedNames.add(name)) {
            learned.accept(name);
        }
    }

    /** An object of the application is of a class that {@link #allows} refused: it is to be allowed, too. */
    void lacks(String className) {
        String name = elementName(className);
        if (mode == Mode.LEARN && !forbids(name)) {
            learn(name);
        }
    }

    /** What to do about a class that {@link #allows} refused; ends with a full stop. */
    String remedy(String className) {
        String name = elementName(className);
        if (KnownGadgets.has(name)) {
            return "It is known from attacks on deserialization and refused whatever the settings say. Keep it out of"
                    + " the session.";
        }
        if (allow.except(name)) {
            return "An exception (!) of holdfast.classes.allow names it.";
        }
        String caution = FrameworkDocs.caution(Set.of(name));
        return (caution.isEmpty() ? "" : caution + " ") + "Add it: " + allowing.apply(allow.with(Set.of(name)))
                + (mode == Mode.LEARN ? "." : " (or holdfast.classes=learn while trying out).");
    }

    /** {@code holdfast.classes.allow} as a web.xml has it. */
    public static String contextParam(String patterns) {
        return "<context-param><param-name>holdfast.classes.allow</param-name><param-value>" + patterns
                + "</param-value></context-param>";
    }

    /** Whether many publish under a package, like {@code org.apache}: what is below it is not one owner's. */
    public static boolean isShared(String packageName) {
        return OwnPackages.isShared(packageName);
    }

    private static String elementName(String className) {
        int dimensions = 0;
        while (dimensions < className.length() && className.charAt(dimensions) == '[') {
            dimensions++;
        }
        if (dimensions == 0) {
            return className;
        }
        String element = className.substring(dimensions);
        if (element.startsWith("L") && element.endsWith(";")) {
            return element.substring(1, element.length() - 1);
        }
        return element.length() == 1 && "ZBCSIJFD".contains(element) ? "int" : className;
    }
}
