package dev.holdfast;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.holdfast.testing.Architecture;

/** What holds for tests. */
@AnalyzeClasses(packages = "dev.holdfast", importOptions = Architecture.Tests.class)
class TestArchitectureTest {
    @ArchTest
    static final ArchRule noSleep = Architecture.NO_SLEEP;
}
