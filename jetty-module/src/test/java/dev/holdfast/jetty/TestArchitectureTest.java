package dev.holdfast.jetty;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.concurrent.TimeUnit;

/** What holds for tests. */
@AnalyzeClasses(packages = "dev.holdfast.jetty", importOptions = ImportOption.OnlyIncludeTests.class)
class TestArchitectureTest {
    @ArchTest
    static final ArchRule noSleep = noClasses()
            .should()
            .accessTargetWhere(describe(
                    "a thread sleeps",
                    access -> access.getTarget().getName().equals("sleep")
                            && (access.getTargetOwner().isAssignableTo(Thread.class)
                                    || access.getTargetOwner().isAssignableTo(TimeUnit.class))))
            .because("a test waits for what it needs, with Awaitility or a latch")
            .allowEmptyShould(true);
}
