package dev.holdfast.tomcat;

import dev.holdfast.tomcat.tell.Acts;
import dev.holdfast.tomcat.tell.Events;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.realm.GenericPrincipal;
import org.apache.catalina.realm.RealmBase;

/** The application of {@code dev.holdfast.tomcat.tell}, once for each kind of login and of cookie. */
final class TellingApplication {
    private static final String COMMON = """
            <display-name>tell</display-name>
            <listener><listener-class>dev.holdfast.tomcat.tell.FirstTeller</listener-class></listener>
            <listener><listener-class>dev.holdfast.tomcat.tell.ThrowingTeller</listener-class></listener>
            <listener><listener-class>dev.holdfast.tomcat.tell.LastTeller</listener-class></listener>
            <servlet>
              <servlet-name>act</servlet-name>
              <servlet-class>dev.holdfast.tomcat.tell.Acts</servlet-class>
              <async-supported>true</async-supported>
            </servlet>
            <servlet>
              <servlet-name>inner</servlet-name>
              <servlet-class>dev.holdfast.tomcat.tell.Acts</servlet-class>
              <async-supported>true</async-supported>
            </servlet>
            <servlet>
              <servlet-name>page</servlet-name>
              <servlet-class>dev.holdfast.tomcat.tell.Acts$Page</servlet-class>
              <async-supported>true</async-supported>
            </servlet>
            <servlet-mapping>
              <servlet-name>act</servlet-name>
              <url-pattern>/do</url-pattern>
              <url-pattern>/guarded/do</url-pattern>
            </servlet-mapping>
            <servlet-mapping><servlet-name>inner</servlet-name><url-pattern>/inner</url-pattern></servlet-mapping>
            <servlet-mapping>
              <servlet-name>page</servlet-name>
              <url-pattern>/page</url-pattern>
              <url-pattern>/guarded/page</url-pattern>
              <url-pattern>/login</url-pattern>
              <url-pattern>/login-failed</url-pattern>
              <url-pattern>/error</url-pattern>
            </servlet-mapping>
            <error-page><error-code>418</error-code><location>/error</location></error-page>
            <error-page><error-code>500</error-code><location>/error</location></error-page>
            <security-constraint>
              <web-resource-collection>
                <web-resource-name>guarded</web-resource-name><url-pattern>/guarded/*</url-pattern>
              </web-resource-collection>
              <auth-constraint><role-name>buyer</role-name></auth-constraint>
            </security-constraint>
            <security-role><role-name>buyer</role-name></security-role>
            """;

    private static final String FORM = """
            <login-config>
              <auth-method>FORM</auth-method>
              <form-login-config>
                <form-login-page>/login</form-login-page><form-error-page>/login-failed</form-error-page>
              </form-login-config>
            </login-config>
            """;

    private static final Map<String, String> APPLICATIONS = applications();

    private TellingApplication() {}

    private static Map<String, String> applications() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("/shop", FORM);
        all.put("/kept", FORM); // for scripts that reload it: all of its sessions are told
        all.put("/basic", login("BASIC"));
        all.put("/digest", login("DIGEST"));
        all.put("/cooked", FORM + """
                <session-config>
                  <session-timeout>7</session-timeout>
                  <cookie-config>
                    <name>COOKED</name><path>/</path><http-only>false</http-only><secure>true</secure><max-age>3600</max-age>
                    <attribute>
                      <attribute-name>SameSite</attribute-name><attribute-value>Lax</attribute-value>
                    </attribute>
                  </cookie-config>
                  <tracking-mode>COOKIE</tracking-mode>
                </session-config>
                """);
        all.put("/urls", FORM + """
                <session-config>
                  <session-timeout>-1</session-timeout>
                  <tracking-mode>URL</tracking-mode>
                </session-config>
                """);
        return all;
    }

    private static String login(String method) {
        return "<login-config><auth-method>" + method + "</auth-method><realm-name>tell</realm-name></login-config>";
    }

    /** @return the application's contexts by their paths */
    static Map<String, Context> deploy(EmbeddedTomcat tomcat, String events, Map<String, String> parameters) {
        Map<String, Context> contexts = new LinkedHashMap<>();
        APPLICATIONS.forEach((path, special) -> {
            StringBuilder webXml = new StringBuilder(parameter(Events.PARAMETER, events + path));
            parameters.forEach((name, value) -> webXml.append(parameter(name, value)));
            Context context = tomcat.addWebapp(path, webXml + COMMON + special, classes(), List.of());
            context.setRealm(new Users());
            contexts.put(path, context);
        });
        return contexts;
    }

    private static String parameter(String name, String value) {
        return "<context-param><param-name>" + name + "</param-name><param-value>" + value
                + "</param-value></context-param>";
    }

    /** All of the package but the list that the test shares with the applications. */
    private static List<Class<?>> classes() {
        try {
            Path classes = Path.of(Acts.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            String name = Acts.class.getPackageName();
            List<Class<?>> all = new ArrayList<>();
            try (Stream<Path> files = Files.list(classes.resolve(name.replace('.', '/')))) {
                for (Path file : files.sorted().toList()) {
                    String simple = file.getFileName().toString().replace(".class", "");
                    if (!simple.equals("package-info") && !simple.equals("Events")) {
                        all.add(Class.forName(name + "." + simple));
                    }
                }
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException | ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
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
