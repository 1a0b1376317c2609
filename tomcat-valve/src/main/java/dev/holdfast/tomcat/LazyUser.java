package dev.holdfast.tomcat;

import java.security.Principal;
import java.util.List;
import org.apache.catalina.realm.GenericPrincipal;
import org.jspecify.annotations.Nullable;

/**
 * Stands for the user of a session that nobody has asked for yet, so that a page that does not ask who the user is costs no round trip
 * after a failover, and one that does gets the answer that the container's own manager would give.
 *
 * <p>A {@link GenericPrincipal}, because realms look for roles in nothing else. Never leaves the request and is never stored.
 */
final class LazyUser extends GenericPrincipal {
    private static final long serialVersionUID = 1L;

    private final transient RequestHold hold;
    private transient @Nullable Principal user;
    private transient boolean asked;

    LazyUser(RequestHold hold) {
        super("", List.of());
        this.hold = hold;
    }

    private synchronized @Nullable Principal user() {
        if (!asked) {
            asked = true;
            user = hold.loadUser();
        }
        return user;
    }

    @Override
    @SuppressWarnings("NullAway") // the container takes null for "nobody is logged in"
    public @Nullable String getName() {
        Principal found = user();
        return found == null ? null : found.getName();
    }

    @Override
    @SuppressWarnings("NullAway") // as above
    public @Nullable Principal getUserPrincipal() {
        Principal found = user();
        return found instanceof GenericPrincipal generic ? generic.getUserPrincipal() : found;
    }

    @Override
    public boolean hasRole(String role) {
        return user() instanceof GenericPrincipal generic && generic.hasRole(role);
    }

    @Override
    public String[] getRoles() {
        return user() instanceof GenericPrincipal generic ? generic.getRoles() : new String[0];
    }

    @Override
    public String toString() {
        return "LazyUser";
    }
}
