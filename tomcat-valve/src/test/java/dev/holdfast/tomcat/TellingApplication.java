package dev.holdfast.tomcat;

import dev.holdfast.testing.tell.TellingApplications;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Context;

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
            context.setRealm(new OneUser("ada", "buyer"));
            contexts.put(path, context);
        }
        return contexts;
    }
}
