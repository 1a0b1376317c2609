package dev.holdfast.tomcat;

import dev.holdfast.testing.tell.TellingApplications;
import java.security.Principal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.realm.GenericPrincipal;
import org.apache.catalina.realm.RealmBase;

/** Deploys the {@link TellingApplications} to a Tomcat. */
final class TellingApplication {
    private TellingApplication() {}

    /** @return the application's contexts by their paths */
    static Map<String, Context> deploy(EmbeddedTomcat tomcat, String events, Map<String, String> parameters) {
        Map<String, Context> contexts = new LinkedHashMap<>();
        for (String path : TellingApplications.paths()) {
            Context context = tomcat.addWebapp(
                    path,
                    TellingApplications.webXml(path, events, parameters),
                    TellingApplications.classes(),
                    List.of());
            context.setRealm(new Users());
            contexts.put(path, context);
        }
        return contexts;
    }

    /** Ada may buy. */
    private static final class Users extends RealmBase {
        @Override
        protected String getPassword(String username) {
            return username.equals("ada") ? "secret" : null;
        }

        @Override
        protected Principal getPrincipal(String username) {
            return new GenericPrincipal(username, List.of("buyer"));
        }
    }
}
