package dev.holdfast.check;

import dev.holdfast.session.Shown;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What browsers refuse of cookies, or what others than browsers would get of them. */
final class CookieRules {
    /** The usual reason, and the remedy. */
    static final String NOT_BELIEVED = " The container does not believe that the browser speaks https (HF-302): let the"
            + " balancer send X-Forwarded-Proto, and Tomcat's RemoteIpValve or Jetty's ForwardedRequestCustomizer read"
            + " it.";

    private CookieRules() {}

    /** Looks at those cookies of an answer by which a session is known. */
    static void judge(Marks marks, Exchange exchange, Report report) {
        List<SetCookie> given = exchange.given().stream()
                .filter(cookie -> marks.names().contains(cookie.name()))
                .toList();
        Map<String, List<String>> wrong = new LinkedHashMap<>();
        for (SetCookie cookie : given) {
            for (String complaint : complaints(cookie, exchange.address())) {
                wrong.computeIfAbsent(complaint, text -> new ArrayList<>()).add(Shown.text(cookie.name()));
            }
        }
        wrong.forEach((complaint, names) -> report.finding(String.join(", ", names) + ": " + complaint));
        given.stream()
                .filter(cookie -> cookie.name().equals(marks.session()))
                .forEach(session -> given.forEach(other -> compare(session, other, exchange.address(), report)));
    }

    private static List<String> complaints(SetCookie cookie, URI address) {
        List<String> complaints = new ArrayList<>();
        boolean https = Addresses.isHttps(address);
        if (https && !cookie.isSecure()) {
            complaints.add("no Secure on https, so browsers send it over http, too." + NOT_BELIEVED);
        }
        if (!https && cookie.isSecure()) {
            complaints.add("Secure, and browsers take no such cookie over http. Check the https address of the site;"
                    + " if it has none, take Secure out of the session cookie's configuration.");
        }
        String sameSite = cookie.attribute("samesite");
        if (cookie.isForNoSiteButSecure()) {
            complaints.add("SameSite=None without Secure, which browsers refuse. Serve the site by https, with Secure,"
                    + " or set SameSite=Lax.");
        } else if (!sameSite.isEmpty()
                && !Set.of("strict", "lax", "none").contains(sameSite.toLowerCase(Locale.ROOT))) {
            complaints.add(
                    "SameSite=" + Shown.text(sameSite) + ", which browsers do not know. Set Strict, Lax or None.");
        }
        if (!cookie.isHttpOnly()) {
            complaints.add("no HttpOnly, so scripts can read it. Jetty does so by default: set"
                    + " <http-only>true</http-only> in the <cookie-config> of web.xml. On Tomcat, take"
                    + " useHttpOnly=\"false\" out of context.xml.");
        }
        if (!cookie.isForHostOf(address)) {
            complaints.add("Domain=" + Shown.text(cookie.attribute("domain")) + ", so browsers refuse it from "
                    + Shown.text(address.getHost()) + ". Check the site under the name that users know, or take the"
                    + " domain out of the session cookie's configuration.");
        }
        if (!SetCookie.covers(cookie.path(address), address)) {
            complaints.add("Path=" + Shown.text(cookie.path(address)) + ", so browsers do not send it to "
                    + Addresses.shown(address) + ". The balancer serves the application under another path than the"
                    + " container: use the same one, or let it rewrite cookies (nginx: proxy_cookie_path; httpd:"
                    + " ProxyPassReverseCookiePath).");
        }
        return complaints;
    }

    /** What goes with one and not with the other request leaves a browser with half of what it was given. */
    private static void compare(SetCookie session, SetCookie other, URI address, Report report) {
        differ("Path", session, session.path(address), other, other.path(address), report);
        differ("SameSite", session, session.attribute("samesite"), other, other.attribute("samesite"), report);
        differ("Domain", session, session.attribute("domain"), other, other.attribute("domain"), report);
    }

    private static void differ(
            String attribute, SetCookie session, String one, SetCookie other, String two, Report report) {
        if (!one.equalsIgnoreCase(two)) {
            report.finding(Shown.text(other.name()) + ": " + attribute + " is " + orNone(two) + ", and that of "
                    + Shown.text(session.name()) + " " + orNone(one) + ", so a request may carry one without the other."
                    + " Something between container and browser rewrites cookies: let it treat both alike.");
        }
    }

    private static String orNone(String value) {
        return value.isEmpty() ? "not set" : Shown.text(value);
    }
}
