package dev.holdfast;

import org.jspecify.annotations.Nullable;

/** The default of {@code holdfast.app}: made of the context path, with its {@code ##version}. */
final class AppName {
    private AppName() {}

    /**
     * {@code /shop##2} gives {@code shop##2}, {@code /shop/admin} gives {@code shop#admin} as the names of Tomcat's files do, and the root
     * gives {@code ROOT}.
     *
     * @return null if the path has characters that a name may not have, or is too long
     */
    static @Nullable String of(String contextPath) {
        String path = contextPath.startsWith("/") ? contextPath.substring(1) : contextPath;
        String name = path.isEmpty() || path.startsWith("##") ? "ROOT" + path : path.replace('/', '#');
        return name.matches("[A-Za-z0-9._#-]{1,64}") ? name : null;
    }
}
