package dev.holdfast.jetty;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.holdfast.testing.Architecture;

/** Who may see whom. */
@AnalyzeClasses(packages = "dev.holdfast.jetty", importOptions = Architecture.Main.class)
class MainArchitectureTest {
    @ArchTest
    static final ArchRule containerSeesThePortsOnly = Architecture.CONTAINER_SEES_THE_PORTS_ONLY;

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
