package dev.holdfast.boot;

import dev.holdfast.EmbeddedApplication;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** What a container's auto-configuration asks about the application of Spring Boot that it is in. */
public final class SpringBootApplications {
    private static final System.Logger LOG = System.getLogger("dev.holdfast.boot");

    /** The filter by which Spring Session takes the container's place. */
    private static final String SPRING_SESSION = "org.springframework.session.web.http.SessionRepositoryFilter";

    private static final String NAME = "spring.application.name";

    private SpringBootApplications() {}

    /**
     * The application as Holdfast needs to know it; null if Spring Session keeps its sessions, which a warning then
     * tells.
     *
     * @param spring whose web server is about to be made
     */
    public static @Nullable EmbeddedApplication find(ApplicationContext spring) {
        String other = beanOf(spring, SPRING_SESSION);
        if (other != null) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "HF-145: Spring Session (bean " + other + ") keeps the sessions of this application, so Holdfast"
                            + " leaves them alone. For Holdfast, take Spring Session's dependency and"
                            + " @Enable...HttpSession away; for Spring Session, take Holdfast's dependency away or set"
                            + " holdfast.enabled=false.");
            return null;
        }
        Environment environment = spring.getEnvironment();
        SpringSettings settings = SpringSettings.read(environment);
        String name = environment.getProperty(NAME);
        List<String> packages =
                AutoConfigurationPackages.has(spring) ? AutoConfigurationPackages.get(spring) : List.of();
        return new EmbeddedApplication(
                "Spring's Environment",
                settings.values(),
                settings.places(),
                name == null || name.isBlank() ? null : name,
                NAME,
                new ClassPathClasses(spring.getClassLoader(), packages));
    }

    /** Asks for no bean, so that none is made too early. */
    static @Nullable String beanOf(ApplicationContext spring, String className) {
        ClassLoader loader = spring.getClassLoader();
        if (!ClassUtils.isPresent(className, loader)) {
            return null;
        }
        String[] names = spring.getBeanNamesForType(ClassUtils.resolveClassName(className, loader), true, false);
        return names.length == 0 ? null : names[0];
    }
}
