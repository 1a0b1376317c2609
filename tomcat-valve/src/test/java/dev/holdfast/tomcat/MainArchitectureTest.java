package dev.holdfast.tomcat;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.holdfast.testing.Architecture;

/** Who may see whom. */
@AnalyzeClasses(packages = "dev.holdfast.tomcat", importOptions = Architecture.Main.class)
class MainArchitectureTest {
    @ArchTest
    static final ArchRule containerSeesThePortsOnly = Architecture.CONTAINER_SEES_THE_PORTS_ONLY;
}
