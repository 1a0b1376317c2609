package dev.holdfast.testing;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What holds for tests holds for the kit, too. */
@AnalyzeClasses(packages = "dev.holdfast")
class TestArchitectureTest {
    @ArchTest
    static final ArchRule noSleep = Architecture.NO_SLEEP;
}
