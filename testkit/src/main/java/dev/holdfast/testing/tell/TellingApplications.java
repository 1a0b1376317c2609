package dev.holdfast.testing.tell;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The application of this package, once for each kind of login and of cookie, whatever container it is deployed to. */
public final class TellingApplications {
    private static final String COMMON = """
            <display-name>tell</display-name>
            <listener><listener-class>dev.holdfast.testing.tell.FirstTeller</listener-class></listener>
            <listener><listener-class>dev.holdfast.testing.tell.ThrowingTeller</listener-class></listener>
            <listener><listener-class>dev.holdfast.testing.tell.LastTeller</listener-class></listener>
            <servlet>
              <servlet-name>act</servlet-name>
              <servlet-class>dev.holdfast.testing.tell.Acts</servlet-class>
              <async-supported>true</async-supported>
            </servlet>
            <servlet>
              <servlet-name>inner</servlet-name>
              <servlet-class>dev.holdfast.testing.tell.Acts</servlet-class>
              <async-supported>true</async-supported>
            </servlet>
            <servlet>
              <servlet-name>page</servlet-name>
              <servlet-class>dev.holdfast.testing.tell.Acts$Page</servlet-class>
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

    private TellingApplications() {}

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

    /** The paths under which it is deployed. */
    public static Set<String> paths() {
        return APPLICATIONS.keySet();
    }

    /**
     * The body of web.xml.
     *
     * @param events the first part of the name of the list of its events
     * @param parameters its context-params
     */
    public static String webXml(String path, String events, Map<String, String> parameters) {
        StringBuilder webXml = new StringBuilder(parameter(Events.PARAMETER, events + path));
        parameters.forEach((name, value) -> webXml.append(parameter(name, value)));
        return webXml + COMMON + APPLICATIONS.get(path);
    }

    private static String parameter(String name, String value) {
        return "<context-param><param-name>" + name + "</param-name><param-value>" + value
                + "</param-value></context-param>";
    }

    /** All classes of the package that the application has of its own: not the list that it shares with the test. */
    public static List<Class<?>> classes() {
        String folder = TellingApplications.class.getPackageName().replace('.', '/');
        try {
            URI place = TellingApplications.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
            if (!place.getPath().endsWith(".jar")) {
                return classesIn(Path.of(place).resolve(folder));
            }
            try (FileSystem jar = FileSystems.newFileSystem(Path.of(place))) {
                return classesIn(jar.getPath(folder));
            }
        } catch (IOException | URISyntaxException | ClassNotFoundException e) {
            throw new IllegalStateException("Cannot list the classes of " + folder, e);
        }
    }

    private static List<Class<?>> classesIn(Path folder) throws IOException, ClassNotFoundException {
        List<Class<?>> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String simple = file.getFileName().toString().replace(".class", "");
                if (!simple.equals("package-info") && !simple.equals("Events")) {
                    all.add(Class.forName(TellingApplications.class.getPackageName() + "." + simple));
                }
            }
        }
        return all;
    }
}
