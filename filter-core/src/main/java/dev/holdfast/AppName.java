package dev.holdfast;

import dev.holdfast.config.Names;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The default of {@code holdfast.app}: made of virtual host and context path, with its {@code ##version}. */
final class AppName {
    private static final int LONGEST = 64;
    private static final int HASH_DIGITS = 8;

    private AppName() {}

    /**
     * {@code /shop##2} gives {@code shop##2}, {@code /shop/admin} gives {@code shop#admin} as the names of Tomcat's
     * files do, and the root gives {@code ROOT}. Elsewhere than on the default host the host comes first: {@code
     * admin.example#shop}. What a name cannot have of a host, or has no room for, is replaced by a hash of the whole.
     *
     * @param hosts empty for the default host; of several the first counts
     * @return null if the path has characters that a name may not have, or is too long
     */
    static @Nullable String of(List<String> hosts, String contextPath) {
        String path = contextPath.startsWith("/") ? contextPath.substring(1) : contextPath;
        String name = path.isEmpty() || path.startsWith("##") ? "ROOT" + path : path.replace('/', '#');
        if (!Names.isApp(name)) {
            return null;
        }
        return hosts.isEmpty() ? name : possible(hosts.get(0) + "#" + name);
    }

    /** The name itself; what a name cannot have, or has no room for, is replaced by a hash of the whole. */
    static String possible(String whole) {
        String possible = whole.replaceAll("[^A-Za-z0-9._#-]", "_");
        if (possible.equals(whole) && whole.length() <= LONGEST) {
            return whole;
        }
        int room = LONGEST - 1 - HASH_DIGITS;
        return possible.substring(0, Math.min(room, possible.length())) + "-" + hash(whole);
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, HASH_DIGITS / 2);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
