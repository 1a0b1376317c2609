package dev.holdfast;

import dev.holdfast.session.AppIdentity;
import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An application as its container knows it: what {@code holdfast.app} defaults to, and what tells two applications
 * apart that would keep their sessions under one name.
 *
 * @param hosts the virtual hosts that it is on; empty for the default host, or for one that takes requests of every
 *     host
 * @param path context path or name: {@code /shop}, {@code /shop##2}, empty or a slash for the root
 * @param title what the application calls itself; null if it does not
 */
public record AppPlace(
        List<String> hosts, String path, @Nullable String title) {
    /**
     * Where an application of Spring Boot, or of Spring MVC, keeps what it is made of, among the attributes of its
     * context.
     */
    public static final String SPRING = "org.springframework.web.context.WebApplicationContext.ROOT";

    /** A version behind a title: a new one is the same application. */
    private static final String VERSION = "[\\s_-]+[vV]?\\d[\\w.+-]*";

    public AppPlace {
        hosts = List.copyOf(hosts);
    }

    /** One on the default host that has a path and no more. */
    public static AppPlace at(String path) {
        return new AppPlace(List.of(), path, null);
    }

    /**
     * What an application calls itself: {@code spring.application.name} if it is one of Spring's, else its display
     * name.
     *
     * @param spring the attribute {@link #SPRING} of its context
     */
    public static @Nullable String titleOf(@Nullable Object spring, @Nullable String displayName) {
        String name = spring == null ? null : springName(spring);
        return name == null || name.isBlank() ? displayName : name;
    }

    /** By name: Spring is the application's own, and never seen from here. */
    private static @Nullable String springName(Object spring) {
        try {
            Object environment = spring.getClass().getMethod("getEnvironment").invoke(spring);
            Method property = environment.getClass().getMethod("getProperty", String.class);
            return property.invoke(environment, "spring.application.name") instanceof String name ? name : null;
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null; // a title less: places are compared all the same
        }
    }

    /** The name of its sessions in the store if none is set; null if none can be made. */
    @Nullable
    String defaultName() {
        return AppName.of(hosts, path);
    }

    /** @param chosen whether the name was set */
    AppIdentity identity(String app, boolean chosen) {
        int version = path.indexOf("##");
        String bare = version < 0 ? path : path.substring(0, version);
        String place = String.join(",", hosts) + (bare.startsWith("/") ? "" : "/") + bare;
        return new AppIdentity(app, chosen, place, title == null ? "" : title.replaceAll(VERSION, ""));
    }
}
