package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisLoginTest {
    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("password");
    }

    private RedisLogin login() {
        return new RedisLogin("app", null, file());
    }

    @ParameterizedTest
    @ValueSource(strings = {"p@ss w/rd#%", "p@ss w/rd#%\n", "p@ss w/rd#%\r\n", "p@ss w/rd#%\nanother line"})
    void firstLineOfTheFileIsThePassword(String content) throws IOException {
        Files.writeString(file(), content);

        assertThat(login().currentPassword()).isEqualTo("p@ss w/rd#%");
    }

    @Test
    void fileIsReadEachTime() throws IOException {
        Files.writeString(file(), "old");
        assertThat(login().currentPassword()).isEqualTo("old");
        Files.writeString(file(), "new");
        assertThat(login().currentPassword()).isEqualTo("new");
    }

    @Test
    void fileWithoutAPasswordIsSaidAndNotWhatIsInIt() throws IOException {
        assertThatThrownBy(() -> login().currentPassword()).isInstanceOf(IOException.class);
        Files.writeString(file(), "\nsecret");
        assertThatThrownBy(() -> login().currentPassword())
                .isInstanceOf(IOException.class)
                .hasMessage("its first line is empty");
        Files.writeString(file(), "secret".repeat(1000));
        assertThatThrownBy(() -> login().currentPassword())
                .isInstanceOf(IOException.class)
                .hasMessage("it is too long for a password");
    }

    @Test
    void passwordIsInNoText() {
        assertThat(new RedisLogin("app", "secret", null)).hasToString("RedisLogin[app]");
        assertThat(RedisLogin.NONE).hasToString("RedisLogin[default user]");
    }

    private static List<String> mistakes(Map<String, String> environment) {
        SettingsReader settings = SettingsReader.read(Settings.ALL, List.of(Source.environment(environment)));
        assertThat(settings.description()).noneMatch(line -> line.contains("secret"));
        assertThat(settings.mistakes()).isEmpty();
        return RedisLogin.mistakes(settings);
    }

    @Test
    void loginStandsInOnePlace() throws IOException {
        Files.writeString(file(), "secret");
        String file = file().toString();

        assertThat(mistakes(Map.of())).isEmpty();
        assertThat(mistakes(Map.of("HOLDFAST_REDIS_PASSWORD", "secret"))).isEmpty();
        assertThat(mistakes(Map.of("HOLDFAST_REDIS_USER", "app", "HOLDFAST_REDIS_PASSWORD_FILE", file)))
                .isEmpty();
        assertThat(mistakes(Map.of("HOLDFAST_REDIS_USER", "app")))
                .containsExactly("holdfast.redis.user is set, and no password: set holdfast.redis.password.file or"
                        + " holdfast.redis.password, too.");
        assertThat(mistakes(Map.of("HOLDFAST_REDIS_PASSWORD", "secret", "HOLDFAST_REDIS_PASSWORD_FILE", file)))
                .containsExactly(
                        "holdfast.redis.password and holdfast.redis.password.file are both set: take one of them"
                                + " away.");
        assertThat(mistakes(Map.of(
                        "HOLDFAST_REDIS", "redis://app:secret@redis:6379", "HOLDFAST_REDIS_PASSWORD_FILE", file)))
                .containsExactly("holdfast.redis has a password in it, and holdfast.redis.password.file is set, too:"
                        + " leave the login in one of the two places.");
    }

    @Test
    void fileThatIsNotThereAtTheStartIsNamed() {
        SettingsReader settings = SettingsReader.read(
                Settings.ALL, List.of(Source.environment(Map.of("HOLDFAST_REDIS_PASSWORD_FILE", file().toString()))));

        assertThat(settings.mistakes())
                .singleElement()
                .asString()
                .startsWith("holdfast.redis.password.file is \"" + file() + "\" (from environment"
                        + " HOLDFAST_REDIS_PASSWORD_FILE): there is no such file; a relative name begins at ");
    }
}
