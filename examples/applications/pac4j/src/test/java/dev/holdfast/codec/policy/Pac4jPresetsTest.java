package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.codec.policy.LibraryPreset.Kept;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpSession;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pac4j.core.client.Clients;
import org.pac4j.core.config.Config;
import org.pac4j.core.profile.CommonProfile;
import org.pac4j.core.profile.ProfileManager;
import org.pac4j.core.profile.definition.CommonProfileDefinition;
import org.pac4j.http.client.indirect.FormClient;
import org.pac4j.http.credentials.authenticator.test.SimpleTestUsernamePasswordAuthenticator;
import org.pac4j.http.profile.RestProfile;
import org.pac4j.jee.context.JEEContext;
import org.pac4j.jee.context.session.JEESessionStore;
import org.pac4j.jee.filter.CallbackFilter;
import org.pac4j.jee.filter.LogoutFilter;
import org.pac4j.jee.filter.SecurityFilter;
import org.pac4j.ldap.profile.LdapProfile;
import org.pac4j.sql.profile.DbProfile;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** What pac4j keeps in a session for a login by form, made by pac4j itself: the preset allows it, and nothing else. */
class Pac4jPresetsTest {
    private static final Config CONFIG =
            new Config(new Clients("callback", new FormClient("login", new SimpleTestUsernamePasswordAuthenticator())));

    private static final LibraryPreset PAC4J = LibraryPreset.of("org.pac4j.");

    private static List<Kept> after(String what, HttpSession session) {
        return Collections.list(session.getAttributeNames()).stream()
                .map(name -> new Kept(what + ": " + name, session.getAttribute(name)))
                .toList();
    }

    private static HttpSession after(Filter filter, MockHttpServletRequest request) throws Exception {
        filter.doFilter(request, new MockHttpServletResponse(), new MockFilterChain());
        return request.getSession();
    }

    private static MockHttpServletRequest request(String method, String path) {
        MockHttpServletRequest request = new MockHttpServletRequest(method, path);
        request.setParameter("username", "ada");
        request.setParameter("password", "ada");
        return request;
    }

    /** What a profile has of a directory or a database. */
    private static <T extends CommonProfile> T filled(T profile) {
        profile.setId("ada");
        profile.setClientName("FormClient");
        profile.addRole("customer");
        new CommonProfileDefinition()
                .convertAndAdd(
                        profile,
                        Map.of(
                                "email", "ada@example.com",
                                "gender", "f",
                                "locale", "en_GB",
                                "picture_url", "https://example.com/ada.png"),
                        Map.of("since", 1L));
        return profile;
    }

    private static HttpSession saved(CommonProfile profile) {
        MockHttpServletRequest request = request("GET", "/shop/cart");
        new ProfileManager(new JEEContext(request, new MockHttpServletResponse()), new JEESessionStore())
                .save(true, profile, false);
        return request.getSession();
    }

    static List<Kept> all() throws Exception {
        List<Kept> all = new ArrayList<>();
        SecurityFilter security = new SecurityFilter(CONFIG, "FormClient");
        all.addAll(after("page asked for", after(security, request("GET", "/shop/cart"))));
        all.addAll(after("form sent", after(security, request("POST", "/shop/add"))));
        all.addAll(after("login", after(new CallbackFilter(CONFIG, "cart"), request("POST", "/shop/callback"))));
        all.addAll(after("common profile", saved(filled(new CommonProfile()))));
        all.addAll(after("profile of a directory", saved(filled(new LdapProfile()))));
        all.addAll(after("profile of a database", saved(filled(new DbProfile()))));
        all.addAll(after("profile of a web service", saved(filled(new RestProfile()))));
        MockHttpServletRequest out = request("GET", "/shop/logout");
        out.setSession(saved(filled(new CommonProfile())));
        all.addAll(after("logout", after(new LogoutFilter(CONFIG, "cart"), out)));
        return all;
    }

    @Test
    void pac4jKeepsTheProfileThePageBehindTheLoginAndTokensForForms() throws Exception {
        assertThat(all())
                .extracting(Kept::toString)
                .contains(
                        "page asked for: pac4jRequestedUrl",
                        "page asked for: pac4jCsrfToken",
                        "form sent: pac4jRequestedUrl",
                        "login: pac4jUserProfiles",
                        "logout: pac4jUserProfiles");
    }

    @ParameterizedTest
    @MethodSource("all")
    void isStoredAndReadAsItWas(Kept kept) throws Exception {
        Object read = PAC4J.again(kept.value());

        assertThat(read).hasSameClassAs(kept.value());
        assertThat(read)
                .usingRecursiveComparison()
                .ignoringOverriddenEqualsForTypes(kept.value().getClass())
                .isEqualTo(kept.value());
    }

    /** A name that no version of the framework stores any more has no business in a list. */
    @Test
    void presetNamesWhatPac4jKeepsAndNothingElse() throws Exception {
        assertThat(PAC4J.list()).isEqualTo(PAC4J.neededFor(all().stream().map(Kept::value)));
    }
}
