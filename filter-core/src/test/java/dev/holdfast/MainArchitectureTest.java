package dev.holdfast;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.holdfast.session.SerializedAsJdk;
import dev.holdfast.testing.Architecture;
import java.util.Date;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Who may see whom. All rules in one class: the scan of the class path costs seconds. */
@AnalyzeClasses(packages = "dev.holdfast", importOptions = Architecture.Main.class)
class MainArchitectureTest {
    // Annotations for compilers alone: no JAR of ours has them.
    private static final String NULLNESS = "org.jspecify..";
    private static final String LOCKS = "com.google.errorprone.annotations.concurrent..";

    // "" is the package of primitive types and their arrays.
    @ArchTest
    static final ArchRule sessionSeesTheJdkOnly = classes()
            .that()
            .resideInAPackage("dev.holdfast.session..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.holdfast.session..", "java..", NULLNESS, LOCKS, "")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule configSeesTheJdkOnly = classes()
            .that()
            .resideInAPackage("dev.holdfast.config..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.holdfast.config..", "java..", NULLNESS, LOCKS, "")
            .because("the filter runs with these two packages alone");

    @ArchTest
    static final ArchRule affinitySeesServletsAndSettingsOnly = classes()
            .that()
            .resideInAPackage("dev.holdfast.affinity..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.holdfast.affinity..",
                    "dev.holdfast.config..",
                    "jakarta.servlet..",
                    "java..",
                    NULLNESS,
                    LOCKS,
                    "")
            .because("the filter runs with these two packages alone");

    @ArchTest
    static final ArchRule jedisOnlyInRedis = onlyIn("dev.holdfast.redis..", "redis.clients..");

    @ArchTest
    static final ArchRule kryoOnlyInCodec = onlyIn("dev.holdfast.codec..", "com.esotericsoftware..");

    @ArchTest
    static final ArchRule formatsOfMetricsOnlyInMetrics = onlyIn("dev.holdfast.metrics..", "io.prometheus..");

    @ArchTest
    static final ArchRule metersOnlyInMetrics = onlyIn("dev.holdfast.metrics..", "io.micrometer..");

    @ArchTest
    static final ArchRule springOnlyInBoot = onlyIn("dev.holdfast.boot..", "org.springframework..");

    @ArchTest
    static final ArchRule clientKnowsNoSessions = noClasses()
            .that()
            .resideInAPackage("dev.holdfast.redis.client..")
            .should()
            .dependOnClassesThat(describe(
                    "are of the protocol, other than what a call may cost and how it fails",
                    type -> type.getPackageName().startsWith("dev.holdfast.session")
                            && !Set.of("WaitBudget", "StoreUnavailableException", "Shown")
                                    .contains(outermost(type).getSimpleName())))
            .because("it is a client of Redis, whatever is stored there");

    @ArchTest
    static final ArchRule policyLoadsNothingOfKryo = noClasses()
            .that()
            .resideInAPackage("dev.holdfast.codec.policy..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.esotericsoftware..");

    /** The codec alone throws and catches the other two. */
    @ArchTest
    static final ArchRule publicExceptionsAreSerializedAsOnesOfTheJdk = classes()
            .that()
            .arePublic()
            .and()
            .areAssignableTo(Throwable.class)
            .and()
            .doNotHaveSimpleName("NotKryoSafeException")
            .and()
            .doNotHaveSimpleName("TooLargeException")
            .should()
            .beAssignableTo(SerializedAsJdk.class)
            .andShould(new ArchCondition<JavaClass>("have a writeReplace of their own") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    if (type.tryGetMethod("writeReplace").isEmpty()) {
                        events.add(SimpleConditionEvent.violated(type, type.getName() + " has none"));
                    }
                }
            })
            .because("a framework may keep one in the session");

    @ArchTest
    static final ArchRule servletsOnlyInAffinity = onlyIn("dev.holdfast.affinity..", "jakarta.servlet..");

    /** It may be missing from what a server loads: so may the JDK's HTTP client, which some have not. */
    @ArchTest
    static final ArchRule nobodyUsesTheCommandLine = noClasses()
            .that()
            .resideOutsideOfPackages("dev.holdfast.cli..", "dev.holdfast.check..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.holdfast.cli..", "dev.holdfast.check..", "picocli..", "com.grack..");

    @ArchTest
    static final ArchRule jsonOnlyInCli = onlyIn("dev.holdfast.cli..", "com.grack..");

    @ArchTest
    static final ArchRule httpClientOnlyInCheck = onlyIn("dev.holdfast.check..", "java.net.http..");

    /**
     * What of Holdfast each room may use, besides itself. The room at the top, which puts the others together, may use
     * all.
     */
    private static final Map<String, Set<String>> USES = Map.ofEntries(
            entry("session"),
            entry("session.copy", "session"),
            entry("session.commit", "session", "session.copy"),
            entry("session.outage", "session", "session.copy", "session.commit"),
            entry("session.recovery", "session", "session.copy", "session.commit", "session.outage"),
            entry("session.expiry", "session", "session.copy", "session.commit"),
            entry(
                    "session.request",
                    "session",
                    "session.copy",
                    "session.commit",
                    "session.outage",
                    "session.recovery",
                    "session.expiry"),
            entry("config"),
            entry("boot", "", "config", "metrics"), // an application's front door, as the container modules are
            entry("jmx"),
            entry("metrics"),
            entry("check", "config", "session"),
            entry("cli", "check", "codec", "config", "redis", "redis.doctor", "session"),
            entry("affinity", "config"),
            entry("cookie", "affinity", "session", "session.request"),
            entry("codec.policy", "config", "session"),
            entry("codec.graph", "codec.policy"),
            entry("codec", "codec.graph", "codec.policy", "session"),
            entry("redis.client", "config", "session"),
            entry("redis.doctor", "redis.client", "session"),
            entry("redis", "config", "redis.client", "redis.doctor", "session"));

    /** So many types of one room at most may all reach each other. */
    private static final int KNOT = 7;

    @ArchTest
    static final ArchRule roomsUseOnlyThoseBelow = classes()
            .that()
            .resideInAPackage("dev.holdfast.*..")
            .should(new ArchCondition<JavaClass>("use the rooms that USES names") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    String room = room(type);
                    for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                        JavaClass target = dependency.getTargetClass();
                        boolean foreign = target.getPackageName().startsWith("dev.holdfast")
                                && !room(target).equals(room);
                        if (foreign && !USES.getOrDefault(room, Set.of()).contains(room(target))) {
                            events.add(SimpleConditionEvent.violated(type, dependency.getDescription()));
                        }
                    }
                }
            });

    @ArchTest
    static void noKnotInsideARoom(JavaClasses types) {
        Map<String, Map<String, Set<String>>> rooms = new TreeMap<>();
        for (JavaClass type : types) {
            Set<String> uses = rooms.computeIfAbsent(type.getPackageName(), name -> new TreeMap<>())
                    .computeIfAbsent(outermost(type).getName(), name -> new TreeSet<>());
            type.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> outermost(dependency.getTargetClass().getBaseComponentType()))
                    .filter(target -> target.getPackageName().equals(type.getPackageName()))
                    .forEach(target -> uses.add(target.getName()));
        }
        assertThat(rooms).hasSizeGreaterThan(10);
        rooms.forEach((room, uses) -> assertThat(Knots.largest(uses))
                .as("types of %s that all reach each other", room)
                .hasSizeLessThanOrEqualTo(KNOT));
    }

    @ArchTest
    static final ArchRule noPackageCycles =
            slices().assignedFrom(packages()).should().beFreeOfCycles().allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyTickerAndDoctorReadTheWallClock = noClasses()
            .that(describe(
                    "are neither Ticker nor Doctor",
                    type -> !Set.of("Ticker", "Doctor").contains(outermost(type).getSimpleName())))
            .should()
            .accessTargetWhere(describe("the wall clock is read", MainArchitectureTest::readsWallClock))
            .because("time comes from the store, intervals from Ticker; Doctor compares clocks, and decides nothing")
            .allowEmptyShould(true);

    private static Map.Entry<String, Set<String>> entry(String room, String... uses) {
        return Map.entry(room, Set.of(uses));
    }

    /** The package below dev.holdfast. */
    private static String room(JavaClass type) {
        return type.getPackageName().replaceFirst("^dev\\.holdfast\\.?", "");
    }

    private static ArchRule onlyIn(String home, String library) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(home)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .allowEmptyShould(true);
    }

    /** Each package by itself, the root package, too. */
    private static SliceAssignment packages() {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                return SliceIdentifier.of(type.getPackageName());
            }

            @Override
            public String getDescription() {
                return "packages";
            }
        };
    }

    private static JavaClass outermost(JavaClass type) {
        return type.getEnclosingClass().map(MainArchitectureTest::outermost).orElse(type);
    }

    /** Accesses are method references, too. */
    private static boolean readsWallClock(JavaAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        String name = access.getTarget().getName();
        if (owner.isEquivalentTo(Date.class)) {
            return access.getTarget().getFullName().endsWith("<init>()");
        }
        return (owner.isEquivalentTo(System.class) && name.equals("currentTimeMillis"))
                || (owner.getPackageName().equals("java.time") && (name.equals("now") || name.startsWith("system")));
    }
}
