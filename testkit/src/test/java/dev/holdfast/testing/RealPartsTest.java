package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

class RealPartsTest {
    @TempDir
    private Path directory;

    private Path notRun;

    @BeforeEach
    void chooseList() {
        notRun = directory.resolve("not-run.txt");
    }

    @Test
    void findsAProgramThatIsInstalled() {
        assertThat(RealParts.require("sh", "dash")).isExecutable().hasFileName("sh");
    }

    @Test
    void findsNothingWhereNothingIsToBeFound() {
        assertThat(RealParts.find("sh", null)).isPresent();
        assertThat(RealParts.find("sh", "none")).isEmpty();
    }

    @Test
    void missingProgramThatIsRequiredFailsTheTestAndSaysHowToInstallIt() {
        assertThatThrownBy(() -> RealParts.require("no-such-balancer", "no-such-package", true, notRun))
                .isInstanceOf(AssertionError.class)
                .hasMessage("no-such-balancer is not installed: sudo apt-get install -y no-such-package");
        assertThat(notRun).doesNotExist();
    }

    @Test
    void missingProgramThatIsNotRequiredIsListed() {
        assertThatThrownBy(() -> RealParts.require("no-such-balancer", "no-such-package", false, notRun))
                .isInstanceOf(TestAbortedException.class);
        assertThat(notRun)
                .content()
                .isEqualToIgnoringNewLines(
                        "a test: no-such-balancer is not installed: sudo apt-get install -y no-such-package");
    }
}
