package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.codec.KryoCodec;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import jakarta.validation.Validation;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Pattern;
import java.io.Serializable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Instant;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.security.authentication.AccountExpiredException;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.CredentialsExpiredException;
import org.springframework.security.authentication.DisabledException;
import org.springframework.security.authentication.InsufficientAuthenticationException;
import org.springframework.security.authentication.InternalAuthenticationServiceException;
import org.springframework.security.authentication.LockedException;
import org.springframework.security.authentication.ProviderNotFoundException;
import org.springframework.security.authentication.RememberMeAuthenticationToken;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.authentication.ott.OneTimeTokenAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.web.HttpSessionOAuth2AuthorizationRequestRepository;
import org.springframework.security.oauth2.client.web.HttpSessionOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.OidcUserInfo;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.oidc.user.OidcUserAuthority;
import org.springframework.security.oauth2.core.user.DefaultOAuth2User;
import org.springframework.security.oauth2.core.user.OAuth2UserAuthority;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedGrantedAuthoritiesWebAuthenticationDetails;
import org.springframework.security.web.authentication.session.SessionAuthenticationException;
import org.springframework.security.web.authentication.switchuser.SwitchUserGrantedAuthority;
import org.springframework.security.web.csrf.HttpSessionCsrfTokenRepository;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.security.web.savedrequest.SimpleSavedRequest;
import org.springframework.validation.BeanPropertyBindingResult;
import org.springframework.validation.MapBindingResult;
import org.springframework.validation.beanvalidation.SpringValidatorAdapter;
import org.springframework.web.servlet.FlashMap;
import org.springframework.web.util.HttpSessionMutexListener;

/** What Spring keeps in a session, made by Spring itself: the presets allow it, and nothing else. */
class SpringPresetsTest {
    private static final List<GrantedAuthority> CUSTOMER =
            AuthorityUtils.createAuthorityList("ROLE_CUSTOMER", "ROLE_B");

    private static final KryoCodec CODEC = new KryoCodec(
            SpringPresetsTest.class.getClassLoader(),
            ClassPolicy.app(
                    ClassPatterns.NONE,
                    SpringPresetsTest::isOwn,
                    Set.of("com.example.shop"),
                    name -> false,
                    SpringPresetsTest::isPresent),
            line -> {});

    private static boolean isOwn(String className) {
        return className.startsWith(SpringPresetsTest.class.getName());
    }

    /** Of Spring alone: a library that tests bring along has a test of its own. */
    private static boolean isPresent(String className) {
        return className.startsWith("org.springframework.")
                && SpringPresetsTest.class.getClassLoader().getResource(className.replace('.', '/') + ".class") != null;
    }

    /** A rule for a whole form. */
    @Constraint(validatedBy = Never.class)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Complete {
        String message() default "is not complete";

        Class<?>[] groups() default {};

        Class<? extends Payload>[] payload() default {};
    }

    public static final class Never implements ConstraintValidator<Complete, Object> {
        @Override
        public boolean isValid(Object value, ConstraintValidatorContext context) {
            return false;
        }
    }

    /** The form of an application. */
    @Complete
    static final class Order implements Serializable {
        private static final long serialVersionUID = 1L;

        @NotEmpty
        @Pattern(regexp = "[a-z]+")
        private String item = "";

        public String getItem() {
            return item;
        }

        public void setItem(String item) {
            this.item = item;
        }
    }

    /** @param name as the test shows it */
    record Kept(String name, Object value) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static User user() {
        return new User("ada", "secret", CUSTOMER);
    }

    private static MockHttpServletRequest request() {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "/shop/cart");
        request.setSession(new MockHttpSession());
        request.addParameter("item", "tea");
        request.addHeader("Accept", "text/html");
        request.addPreferredLocale(Locale.GERMANY);
        request.setCookies(new Cookie("theme", "dark"));
        return request;
    }

    /** All that Spring has put into a session. */
    private static Stream<Kept> attributes(String name, HttpSession session) {
        Stream.Builder<Kept> all = Stream.builder();
        for (Enumeration<String> names = session.getAttributeNames(); names.hasMoreElements(); ) {
            Object value = session.getAttribute(names.nextElement());
            all.add(new Kept(name, value));
        }
        return all.build();
    }

    private static Kept login(Authentication login) {
        return new Kept(login.getClass().getSimpleName(), new SecurityContextImpl(login));
    }

    private static Stream<Kept> mvc() {
        FlashMap flash = new FlashMap();
        flash.put("said", "tea is in your cart");
        flash.setTargetRequestPath("/shop/cart");
        flash.addTargetRequestParam("page", "2");
        flash.startExpirationPeriod(180);

        BeanPropertyBindingResult form = new BeanPropertyBindingResult(new Order(), "order");
        form.rejectValue("item", "missing");
        form.reject("closed", new Object[] {"until", 9}, "We are closed.");
        MapBindingResult map = new MapBindingResult(new HashMap<>(Map.of("item", "")), "order");
        map.rejectValue("item", "missing");
        BeanPropertyBindingResult validated = new BeanPropertyBindingResult(new Order(), "order");
        try (var factory = Validation.byDefaultProvider()
                .configure()
                .messageInterpolator(new ParameterMessageInterpolator())
                .buildValidatorFactory()) {
            new SpringValidatorAdapter(factory.getValidator()).validate(new Order(), validated);
        }

        MockHttpSession withMutex = new MockHttpSession();
        new HttpSessionMutexListener().sessionCreated(new HttpSessionEvent(withMutex));
        return Stream.concat(
                Stream.of(
                        new Kept("flash attributes", new CopyOnWriteArrayList<>(List.of(flash))),
                        new Kept("errors of a form", form),
                        new Kept("errors of a map", map),
                        new Kept("errors of Bean Validation", validated)),
                attributes("mutex", withMutex));
    }

    private static Stream<Kept> security() {
        MockHttpServletRequest request = request();
        UsernamePasswordAuthenticationToken byForm =
                UsernamePasswordAuthenticationToken.authenticated(user(), null, CUSTOMER);
        byForm.setDetails(new WebAuthenticationDetails(request));
        PreAuthenticatedAuthenticationToken before =
                new PreAuthenticatedAuthenticationToken("ada", "certificate", CUSTOMER);
        before.setDetails(new PreAuthenticatedGrantedAuthoritiesWebAuthenticationDetails(request, CUSTOMER));
        UsernamePasswordAuthenticationToken switched = UsernamePasswordAuthenticationToken.authenticated(
                user(), null, List.of(new SwitchUserGrantedAuthority("ROLE_PREVIOUS_ADMINISTRATOR", byForm)));

        MockHttpServletRequest saved = request();
        new HttpSessionRequestCache().saveRequest(saved, new MockHttpServletResponse());
        MockHttpServletRequest csrf = request();
        HttpSessionCsrfTokenRepository tokens = new HttpSessionCsrfTokenRepository();
        tokens.saveToken(tokens.generateToken(csrf), csrf, new MockHttpServletResponse());
        return Stream.of(
                        Stream.of(
                                login(byForm),
                                login(before),
                                login(switched),
                                login(new RememberMeAuthenticationToken("key", user(), CUSTOMER)),
                                login(new AnonymousAuthenticationToken("key", "anonymous", CUSTOMER)),
                                login(OneTimeTokenAuthenticationToken.authenticated(user(), CUSTOMER)),
                                new Kept("page behind the login", new SimpleSavedRequest("/shop/cart"))),
                        attributes("saved request", saved.getSession()),
                        attributes("CSRF token", csrf.getSession()),
                        failures())
                .flatMap(part -> part);
    }

    /** Spring keeps why a login failed for the page that says it. */
    private static Stream<Kept> failures() {
        return Stream.<AuthenticationException>of(
                        new AccountExpiredException("a"),
                        new AuthenticationServiceException("b"),
                        new BadCredentialsException("c"),
                        new CredentialsExpiredException("d"),
                        new DisabledException("e"),
                        new InsufficientAuthenticationException("f"),
                        new InternalAuthenticationServiceException("g"),
                        new LockedException("h"),
                        new ProviderNotFoundException("i"),
                        new SessionAuthenticationException("j"),
                        new UsernameNotFoundException("k"))
                .map(failure -> new Kept(failure.getClass().getSimpleName(), failure));
    }

    private static Stream<Kept> oauth2() {
        ClientRegistration registration = ClientRegistration.withRegistrationId("idp")
                .clientId("shop")
                .clientSecret("secret")
                .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
                .redirectUri("{baseUrl}/login/oauth2/code/{registrationId}")
                .scope("openid", "profile")
                .authorizationUri("https://idp.example.com/authorize")
                .tokenUri("https://idp.example.com/token")
                .userInfoUri("https://idp.example.com/me")
                .userNameAttributeName("sub")
                .providerConfigurationMetadata(Map.of("issuer", "https://idp.example.com"))
                .build();
        Instant now = Instant.ofEpochSecond(1_700_000_000);
        OidcIdToken idToken = new OidcIdToken("token", now, now.plusSeconds(60), Map.of("sub", "ada"));
        OidcUserInfo info = new OidcUserInfo(Map.of("sub", "ada", "email", "ada@example.com"));
        DefaultOidcUser oidc =
                new DefaultOidcUser(List.of(new OidcUserAuthority(idToken, info), CUSTOMER.get(0)), idToken, info);
        DefaultOAuth2User plain = new DefaultOAuth2User(
                List.of(new OAuth2UserAuthority(Map.of("sub", "ada"))), Map.of("sub", "ada"), "sub");

        MockHttpServletRequest asked = request();
        OAuth2AuthorizationRequest question = OAuth2AuthorizationRequest.authorizationCode()
                .clientId("shop")
                .authorizationUri("https://idp.example.com/authorize")
                .redirectUri("https://shop.example.com/login")
                .scope("openid")
                .state("state")
                .attributes(Map.of("registration_id", "idp"))
                .build();
        new HttpSessionOAuth2AuthorizationRequestRepository()
                .saveAuthorizationRequest(question, asked, new MockHttpServletResponse());

        MockHttpServletRequest authorized = request();
        OAuth2AccessToken access = new OAuth2AccessToken(
                OAuth2AccessToken.TokenType.BEARER, "token", now, now.plusSeconds(60), Set.of("openid"));
        new HttpSessionOAuth2AuthorizedClientRepository()
                .saveAuthorizedClient(
                        new OAuth2AuthorizedClient(registration, "ada", access, new OAuth2RefreshToken("more", now)),
                        new OAuth2AuthenticationToken(oidc, CUSTOMER, "idp"),
                        authorized,
                        new MockHttpServletResponse());
        return Stream.of(
                        Stream.of(
                                login(new OAuth2AuthenticationToken(oidc, oidc.getAuthorities(), "idp")),
                                login(new OAuth2AuthenticationToken(plain, plain.getAuthorities(), "idp")),
                                new Kept(
                                        "failure of an identity provider",
                                        new OAuth2AuthenticationException(new OAuth2Error("denied", "no", "uri")))),
                        attributes("question to an identity provider", asked.getSession()),
                        attributes("authorized client", authorized.getSession()))
                .flatMap(part -> part);
    }

    static Stream<Kept> all() {
        return Stream.of(mvc(), security(), oauth2()).flatMap(part -> part);
    }

    @ParameterizedTest
    @MethodSource("all")
    void isStoredAndReadAsItWas(Kept kept) throws Exception {
        CODEC.check("a", kept.value);

        Object read = CODEC.decode("a", CODEC.encode("a", kept.value));

        assertThat(read).hasSameClassAs(kept.value);
        assertThat(read)
                .usingRecursiveComparison()
                .ignoringOverriddenEqualsForTypes(kept.value.getClass())
                .ignoringFieldsMatchingRegexes(
                        ".*beanWrapper", ".*conversionService", ".*source", ".*adapter", ".*violation")
                .isEqualTo(kept.value);
    }

    /** A name that no version of the framework stores any more has no business in a list. */
    @Test
    void presetsNameWhatSpringKeepsAndNothingElse() throws Exception {
        Set<String> needed = new TreeSet<>();
        ClassPolicy learning = ClassPolicy.learn(
                ClassPatterns.NONE,
                SpringPresetsTest::isOwn,
                Set.of(),
                name -> {
                    needed.add(name);
                    return true;
                },
                name -> false,
                line -> {});
        KryoCodec codec = new KryoCodec(SpringPresetsTest.class.getClassLoader(), learning, line -> {});
        for (Kept kept : all().toList()) {
            codec.decode("a", codec.encode("a", kept.value));
        }

        // What newer versions keep, SpringBootJettyIT stores: it logs in with them.
        assertThat(new TreeSet<>(Presets.of(SpringPresetsTest::isPresent).list()))
                .isEqualTo(needed);
    }
}
