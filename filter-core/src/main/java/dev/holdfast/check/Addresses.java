package dev.holdfast.check;

import dev.holdfast.session.Shown;
import java.net.URI;

/** What of an address cookies look at, and what of it is shown. */
final class Addresses {
    private Addresses() {}

    static boolean isHttps(URI address) {
        return "https".equalsIgnoreCase(address.getScheme());
    }

    static String path(URI address) {
        String path = address.getRawPath();
        return path == null || path.isEmpty() ? "/" : path;
    }

    /** Without what may be a secret: behind a semicolon the id of a session, behind a question mark anything. */
    static String shown(URI address) {
        String path = path(address).replaceFirst(";.*", "");
        return Shown.text(address.getScheme() + "://" + address.getRawAuthority() + path);
    }
}
