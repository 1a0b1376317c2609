package dev.holdfast.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.holdfast.testing.Architecture;

/** Who may see whom. */
@AnalyzeClasses(packages = "dev.holdfast.examples", importOptions = Architecture.Main.class)
class MainArchitectureTest {
    @ArchTest
    static final ArchRule examplesUseWhatUsersMayUse = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.holdfast.redis..", "dev.holdfast.codec..", "dev.holdfast.config..", "dev.holdfast.shaded..")
            .because("an example shows public API only")
            .allowEmptyShould(true);
}
