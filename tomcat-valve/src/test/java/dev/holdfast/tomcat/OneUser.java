package dev.holdfast.tomcat;

import java.security.Principal;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.authenticator.AuthenticatorBase;
import org.apache.catalina.realm.GenericPrincipal;
import org.apache.catalina.realm.RealmBase;
import org.apache.tomcat.util.descriptor.web.LoginConfig;
import org.apache.tomcat.util.descriptor.web.SecurityCollection;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;

/** A realm in which one user is known, who has one role, and whose password is "secret". */
final class OneUser extends RealmBase {
    private final String user;
    private final String role;

    OneUser(String user, String role) {
        this.user = user;
        this.role = role;
    }

    @Override
    protected String getPassword(String username) {
        return username.equals(user) ? "secret" : null;
    }

    @Override
    protected Principal getPrincipal(String username) {
        return new GenericPrincipal(username, List.of(role));
    }

    /** From now on the user, and nobody else, is shown what is under the pattern. */
    void guard(Context context, String pattern, LoginConfig login, AuthenticatorBase authenticator) {
        context.setRealm(this);
        context.setLoginConfig(login);
        context.getPipeline().addValve(authenticator);
        context.addSecurityRole(role);
        SecurityCollection guarded = new SecurityCollection();
        guarded.addPattern(pattern);
        SecurityConstraint constraint = new SecurityConstraint();
        constraint.addCollection(guarded);
        constraint.addAuthRole(role);
        context.addConstraint(constraint);
    }
}
