package dev.holdfast.jetty;

import dev.holdfast.session.Fields;
import dev.holdfast.session.StoredLogin;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import javax.security.auth.Subject;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.MimeTypes;
import org.eclipse.jetty.security.DefaultIdentityService;
import org.eclipse.jetty.security.RolePrincipal;
import org.eclipse.jetty.security.SecurityHandler;
import org.eclipse.jetty.security.UserIdentity;
import org.eclipse.jetty.security.UserPrincipal;
import org.eclipse.jetty.security.authentication.FormAuthenticator;
import org.eclipse.jetty.security.authentication.SessionAuthentication;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.MultiMap;
import org.eclipse.jetty.util.UrlEncoded;
import org.jspecify.annotations.Nullable;

/**
 * Jetty's login state, which it keeps in attributes of its own types, as the plain values that every container of the
 * cluster reads.
 *
 * <p>A user is its name and roles; passwords and tokens are never stored. A request that a FORM login has interrupted
 * is a map.
 */
final class LoginState {
    private static final String USER = SessionAuthentication.AUTHENTICATED_ATTRIBUTE;
    private static final String URI = FormAuthenticator.__J_URI;
    private static final String POST = FormAuthenticator.__J_POST;
    private static final String METHOD = FormAuthenticator.__J_METHOD;
    private static final String RENEWED = SecurityHandler.SESSION_AUTHENTICATED_ATTRIBUTE;
    /** Jetty sets it by a constant that it has deprecated. */
    private static final String SECURE = "org.eclipse.jetty.security.sessionCreatedSecure";

    /** Jetty's attributes that stand for stored fields, and the fields. */
    private static final Map<String, List<String>> FIELDS = Map.of(
            USER, List.of(Fields.PRINCIPAL, Fields.AUTH_TYPE),
            URI, List.of(Fields.SAVED_REQUEST, Fields.EXPECTED_ID),
            POST, List.of(Fields.SAVED_REQUEST),
            METHOD, List.of(Fields.SAVED_REQUEST),
            RENEWED, List.of(Fields.ID_OF_LOGIN),
            SECURE, List.of(Fields.BEGAN_SECURE));

    /** In a fixed order: listeners can tell in which one a session's attributes were put there. */
    static final List<String> ATTRIBUTES = List.of(USER, URI, POST, METHOD, RENEWED, SECURE);

    private LoginState() {}

    /** The fields that an attribute of Jetty's stands for; empty if it is no part of a login. */
    static List<String> fieldsOf(String attribute) {
        return FIELDS.getOrDefault(attribute, List.of());
    }

    /** The attributes of Jetty's that a field has a part in. */
    static Set<String> attributesOf(String field) {
        Set<String> attributes = new HashSet<>();
        FIELDS.forEach((attribute, fields) -> {
            if (fields.contains(field)) {
                attributes.add(attribute);
            }
        });
        return attributes;
    }

    // ---- from Jetty

    /**
     * The stored form of what stands in Jetty's attributes.
     *
     * @param attributes all live ones
     * @param id of the session
     * @param request that the login interrupts, if it does
     * @param roles that the application knows
     * @return null if there is nothing to be stored in the field
     */
    static @Nullable Object stored(
            String field,
            Map<String, Object> attributes,
            String id,
            @Nullable Request request,
            Supplier<Set<String>> roles) {
        return switch (field) {
            case Fields.PRINCIPAL ->
                attributes.get(USER) instanceof SessionAuthentication user
                        ? nameAndRoles(user.getUserIdentity(), roles.get())
                        : null;
            case Fields.AUTH_TYPE ->
                attributes.get(USER) instanceof SessionAuthentication user ? user.getAuthenticationType() : null;
            case Fields.SAVED_REQUEST -> savedRequest(attributes, request);
            case Fields.EXPECTED_ID -> attributes.containsKey(URI) ? id : null;
            case Fields.ID_OF_LOGIN -> attributes.get(RENEWED) instanceof Boolean renewed ? renewed : null;
            case Fields.BEGAN_SECURE -> attributes.get(SECURE) instanceof Boolean secure ? secure : null;
            default -> null;
        };
    }

    /**
     * Most users bring their roles along as principals. Of one whose roles another user has (OpenID, SPNEGO), only
     * those can be told that are asked for by name.
     */
    private static List<String> nameAndRoles(UserIdentity user, Set<String> known) {
        Set<String> roles = new TreeSet<>();
        for (Principal principal : user.getSubject().getPrincipals()) {
            if (principal instanceof RolePrincipal
                    || (!principal.equals(user.getUserPrincipal()) && isInRole(user, principal.getName()))) {
                roles.add(principal.getName());
            }
        }
        for (String role : known) {
            if (isInRole(user, role)) {
                roles.add(role);
            }
        }
        return new StoredLogin.User(user.getUserPrincipal().getName(), List.copyOf(roles)).stored();
    }

    /** Without the role in which a servlet runs that logs the user in: it is not the user's. */
    private static boolean isInRole(UserIdentity user, String role) {
        return !DefaultIdentityService.isRoleAssociated(role) && user.isUserInRole(role);
    }

    private static @Nullable Map<String, Object> savedRequest(
            Map<String, Object> attributes, @Nullable Request request) {
        if (!(attributes.get(URI) instanceof HttpURI uri)) {
            return null;
        }
        Map<String, Object> map = new HashMap<>();
        map.put(
                StoredLogin.METHOD,
                attributes.get(METHOD) instanceof String method ? method : HttpMethod.GET.asString());
        map.put(StoredLogin.URI, uri.getPath() == null ? "/" : uri.getPath());
        map.put(StoredLogin.DECODED_URI, uri.getCanonicalPath() == null ? "/" : uri.getDecodedPath());
        if (uri.getQuery() != null) {
            map.put(StoredLogin.QUERY, uri.getQuery());
        }
        if (attributes.get(POST) instanceof org.eclipse.jetty.util.Fields form) {
            MultiMap<String> values = new MultiMap<>();
            form.forEach(one -> values.addValues(one.getName(), one.getValues()));
            map.put(StoredLogin.CONTENT_TYPE, MimeTypes.Type.FORM_ENCODED.asString());
            map.put(
                    StoredLogin.BODY,
                    UrlEncoded.encode(values, StandardCharsets.UTF_8, true).getBytes(StandardCharsets.UTF_8));
        }
        // Jetty itself needs none of these; other containers put them into the place of those that the request has when
        // it goes on.
        List<String> headers = new ArrayList<>();
        List<String> cookies = new ArrayList<>();
        List<String> locales = new ArrayList<>();
        if (request != null) {
            request.getHeaders().forEach(header -> {
                headers.add(header.getName());
                headers.add(header.getValue() == null ? "" : header.getValue());
            });
            Request.getCookies(request).forEach(cookie -> {
                cookies.add(cookie.getName());
                cookies.add(cookie.getValue());
            });
            Request.getLocales(request).forEach(locale -> locales.add(locale.toLanguageTag()));
        }
        map.put(StoredLogin.HEADERS, headers);
        map.put(StoredLogin.COOKIES, cookies);
        map.put(StoredLogin.LOCALES, locales);
        return map;
    }

    // ---- to Jetty

    /**
     * The attribute of Jetty's, made of what was stored; null if that says nothing of it.
     *
     * @param stored the plain values by field
     * @param here the URI of the request that asks; null outside of requests
     */
    static @Nullable Object attribute(String attribute, Map<String, Object> stored, @Nullable HttpURI here) {
        if (attribute.equals(USER)) {
            return user(stored.get(Fields.PRINCIPAL), stored.get(Fields.AUTH_TYPE));
        }
        if (attribute.equals(RENEWED) || attribute.equals(SECURE)) {
            // Jetty compares it with Boolean.TRUE itself.
            String field = fieldsOf(attribute).get(0);
            return Boolean.TRUE.equals(stored.get(field)) ? Boolean.TRUE : null;
        }
        if (!(stored.get(Fields.SAVED_REQUEST) instanceof Map<?, ?> saved)) {
            return null;
        }
        String method = saved.get(StoredLogin.METHOD) instanceof String text ? text : HttpMethod.GET.asString();
        if (attribute.equals(URI)) {
            return uri(saved, here);
        }
        if (attribute.equals(METHOD)) {
            return HttpMethod.GET.is(method) ? null : method;
        }
        return attribute.equals(POST) && HttpMethod.POST.is(method) ? form(saved) : null;
    }

    /**
     * Makes of a stored field all that is ever made of it, to see whether that can be done.
     *
     * @throws IllegalArgumentException if not
     */
    static void check(String field, Object stored) {
        boolean known = switch (field) {
            case Fields.PRINCIPAL -> user(stored, null) != null;
            case Fields.SAVED_REQUEST -> {
                Map<String, Object> alone = Map.of(field, stored);
                attribute(METHOD, alone, null);
                attribute(POST, alone, null);
                yield attribute(URI, alone, null) != null;
            }
            case Fields.AUTH_TYPE, Fields.EXPECTED_ID -> stored instanceof String;
            default -> stored instanceof Boolean;
        };
        if (!known) {
            throw new IllegalArgumentException("not what stands in this field");
        }
    }

    private static @Nullable SessionAuthentication user(@Nullable Object principal, @Nullable Object authType) {
        StoredLogin.User stored = StoredLogin.User.of(principal);
        if (stored == null) {
            return null;
        }
        UserPrincipal user = new UserPrincipal(stored.name(), null);
        Subject subject = new Subject();
        subject.getPrincipals().add(user);
        stored.roles().forEach(role -> subject.getPrincipals().add(new RolePrincipal(role)));
        subject.setReadOnly();
        UserIdentity identity = new DefaultIdentityService()
                .newUserIdentity(subject, user, stored.roles().toArray(String[]::new));
        return new SessionAuthentication(authType == null ? "FORM" : String.valueOf(authType), identity, null);
    }

    /**
     * With the scheme and host of the request that asks: Jetty goes on only where the whole URI is the one that it has
     * saved.
     */
    private static @Nullable HttpURI uri(Map<?, ?> saved, @Nullable HttpURI here) {
        if (!(saved.get(StoredLogin.URI) instanceof String path)) {
            return null;
        }
        String pathQuery = saved.get(StoredLogin.QUERY) instanceof String query ? path + "?" + query : path;
        HttpURI.Mutable uri = here == null ? HttpURI.build() : HttpURI.build(here);
        return uri.pathQuery(pathQuery).asImmutable();
    }

    private static org.eclipse.jetty.util.@Nullable Fields form(Map<?, ?> saved) {
        boolean form = saved.get(StoredLogin.CONTENT_TYPE) instanceof String type
                && type.startsWith(MimeTypes.Type.FORM_ENCODED.asString());
        if (!form || !(saved.get(StoredLogin.BODY) instanceof byte[] body)) {
            return null;
        }
        org.eclipse.jetty.util.Fields fields = new org.eclipse.jetty.util.Fields();
        UrlEncoded.decodeTo(new String(body, StandardCharsets.UTF_8), fields::add, StandardCharsets.UTF_8);
        return fields;
    }
}
