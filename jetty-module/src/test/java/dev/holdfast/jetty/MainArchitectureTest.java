package dev.holdfast.jetty;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may see whom. */
@AnalyzeClasses(packages = "dev.holdfast.jetty", importOptions = ImportOption.DoNotIncludeTests.class)
class MainArchitectureTest {
    @ArchTest
    static final ArchRule containerSeesThePortsOnly = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.holdfast.session.copy..",
                    "dev.holdfast.session.commit..",
                    "dev.holdfast.session.outage..",
                    "dev.holdfast.session.recovery..",
                    "dev.holdfast.session.expiry..",
                    "dev.holdfast.redis..",
                    "dev.holdfast.codec..",
                    "dev.holdfast.config..",
                    "redis.clients..",
                    "com.esotericsoftware..")
            .because("Holdfast builds the object graph")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyJettysCoreIsSeen = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "jakarta.servlet..",
                    "dev.holdfast.affinity..",
                    "org.eclipse.jetty.ee..",
                    "org.eclipse.jetty.ee10..",
                    "org.eclipse.jetty.ee11..")
            .because("each environment of Jetty has the Servlet API in a class loader that this JAR cannot see");
}
