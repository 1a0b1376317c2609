package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.codec.policy.LibraryPreset.Kept;
import jakarta.servlet.http.HttpSession;
import java.util.Collections;
import java.util.List;
import org.apache.shiro.authc.UsernamePasswordToken;
import org.apache.shiro.realm.SimpleAccountRealm;
import org.apache.shiro.subject.SimplePrincipalCollection;
import org.apache.shiro.subject.Subject;
import org.apache.shiro.web.mgt.DefaultWebSecurityManager;
import org.apache.shiro.web.subject.WebSubject;
import org.apache.shiro.web.util.WebUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** What Shiro keeps in a session of the container, made by Shiro itself: the preset allows it, and nothing else. */
class ShiroPresetsTest {
    private static final LibraryPreset SHIRO = LibraryPreset.of("org.apache.shiro.");

    /** Somebody was sent to the login page, logged in, and then acted as somebody else. */
    static List<Kept> all() {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "/shop/cart");
        request.setQueryString("gift=yes");
        SimpleAccountRealm users = new SimpleAccountRealm();
        users.addAccount("ada", "engine");
        DefaultWebSecurityManager manager = new DefaultWebSecurityManager(users);
        Subject ada = new WebSubject.Builder(manager, request, new MockHttpServletResponse()).buildWebSubject();
        ada.execute(() -> WebUtils.saveRequest(request));
        ada.login(new UsernamePasswordToken("ada", "engine", "192.0.2.1"));
        ada.runAs(new SimplePrincipalCollection("grace", users.getName()));

        HttpSession session = request.getSession();
        return Collections.list(session.getAttributeNames()).stream()
                .map(name -> new Kept(name, session.getAttribute(name)))
                .toList();
    }

    @Test
    void shiroKeepsTheLoginTheOtherIdentityAndThePageBehindTheLogin() {
        assertThat(all())
                .extracting(Kept::toString)
                .contains(
                        "shiroSavedRequest",
                        "org.apache.shiro.subject.support.DefaultSubjectContext_PRINCIPALS_SESSION_KEY",
                        "org.apache.shiro.subject.support.DefaultSubjectContext_AUTHENTICATED_SESSION_KEY",
                        "org.apache.shiro.subject.support.DelegatingSubject.RUN_AS_PRINCIPALS_SESSION_KEY");
    }

    @ParameterizedTest
    @MethodSource("all")
    void isStoredAndReadAsItWas(Kept kept) throws Exception {
        Object read = SHIRO.again(kept.value());

        assertThat(read).hasSameClassAs(kept.value());
        assertThat(read)
                .usingRecursiveComparison()
                .ignoringOverriddenEqualsForTypes(kept.value().getClass())
                .isEqualTo(kept.value());
    }

    /** A name that no version of the framework stores any more has no business in a list. */
    @Test
    void presetNamesWhatShiroKeepsAndNothingElse() throws Exception {
        assertThat(SHIRO.list()).isEqualTo(SHIRO.neededFor(all().stream().map(Kept::value)));
    }
}
