package dev.holdfast.tomcat;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may see whom. */
@AnalyzeClasses(packages = "dev.holdfast.tomcat", importOptions = ImportOption.DoNotIncludeTests.class)
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
}
