package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.codec.policy.LibraryPreset.Kept;
import jakarta.servlet.http.HttpSession;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.struts2.ActionSupport;
import org.apache.struts2.dispatcher.filter.StrutsPrepareAndExecuteFilter;
import org.apache.struts2.interceptor.exec.StrutsBackgroundProcess;
import org.apache.struts2.ognl.OgnlValueStack;
import org.apache.struts2.util.TokenHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockFilterConfig;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockServletContext;

/** What Struts keeps in a session, made by its own interceptors: the preset allows it, and nothing else. */
class StrutsPresetsTest {
    private static final String JOB = "__execWaitslow";

    private static final CountDownLatch DONE = new CountDownLatch(1);

    private static final MockServletContext CONTEXT = new MockServletContext();
    private static final StrutsPrepareAndExecuteFilter STRUTS = new StrutsPrepareAndExecuteFilter();

    private static final LibraryPreset STRUTS_PRESET = LibraryPreset.of("org.apache.struts2.");

    /** An action that has something to say, and something to keep. */
    public static class Said extends ActionSupport {
        private static final long serialVersionUID = 1L;

        @Override
        public String execute() {
            addActionMessage("Well done.");
            addActionError("Not quite.");
            addFieldError("letter", "is none");
            return SUCCESS;
        }

        public String getNothing() {
            return null;
        }

        public String getSomething() {
            return "something";
        }
    }

    /** An action that takes long. */
    public static class Slow extends ActionSupport {
        private static final long serialVersionUID = 1L;

        @Override
        public String execute() throws InterruptedException {
            DONE.await();
            return SUCCESS;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        MockFilterConfig config = new MockFilterConfig(CONTEXT, "struts");
        config.addInitParameter("config", "struts-default.xml,struts-plugin.xml,struts-presets.xml");
        STRUTS.init(config);
    }

    @AfterAll
    static void stop() {
        DONE.countDown();
        STRUTS.destroy();
    }

    private static HttpSession after(String action, Map<String, String> parameters, HttpSession before)
            throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest(CONTEXT, "POST", "/" + action);
        request.setServletPath("/" + action);
        request.setSession(before);
        request.setParameters(parameters);
        MockHttpServletResponse response = new MockHttpServletResponse();
        STRUTS.doFilter(request, response, new MockFilterChain());
        assertThat(response.getStatus()).as(action).isEqualTo(200);
        return request.getSession();
    }

    private static List<Kept> after(String action, Map<String, String> parameters) throws Exception {
        HttpSession session = new MockHttpServletRequest(CONTEXT).getSession();
        session.setAttribute(TokenHelper.buildTokenSessionAttributeName("token"), "t1");
        after(action, parameters, session);
        return Collections.list(session.getAttributeNames()).stream()
                .map(name -> new Kept(action + ": " + name, session.getAttribute(name)))
                .toList();
    }

    static List<Kept> all() throws Exception {
        List<Kept> all = new ArrayList<>();
        all.addAll(after("said", Map.of()));
        all.addAll(after("language", Map.of("request_locale", "de")));
        all.addAll(after("scoped", Map.of()));
        all.addAll(after("once", Map.of(TokenHelper.TOKEN_NAME_FIELD, "token", "token", "t1")));
        all.addAll(after("slow", Map.of()));
        return all;
    }

    @Test
    void strutsKeepsMessagesALocaleScopedValuesFormsAndJobs() throws Exception {
        assertThat(all())
                .extracting(Kept::toString)
                .contains(
                        "said: __MessageStoreInterceptor_ActionMessages_SessionKey",
                        "said: __MessageStoreInterceptor_FieldErrors_SessionKey",
                        "language: WW_TRANS_I18N_LOCALE",
                        "scoped: struts.ScopeInterceptor:class " + Said.class.getName() + "nothing",
                        "once: org.apache.struts2.util.InvocationSessionStore.invocationMap",
                        "slow: " + JOB);
    }

    @ParameterizedTest
    @MethodSource("all")
    void isStoredAndReadAsItWas(Kept kept) throws Exception {
        Object read = STRUTS_PRESET.again(kept.value());

        assertThat(read).hasSameClassAs(kept.value());
        assertThat(read)
                .usingRecursiveComparison()
                .ignoringOverriddenEqualsForTypes(kept.value().getClass())
                .ignoringFieldsMatchingRegexes(".*invocation", ".*processThread") // transient
                .isEqualTo(kept.value());
    }

    /** As Struts has it since WW-4900: else its page would wait for a thread that died with another node. */
    @Test
    void jobBeginsAnewWhereItsThreadIsNot() throws Exception {
        HttpSession session = after("slow", Map.of(), new MockHttpServletRequest(CONTEXT).getSession());
        Object read = STRUTS_PRESET.again(session.getAttribute(JOB));
        session.setAttribute(JOB, read);

        after("slow", Map.of(), session);

        assertThat(session.getAttribute(JOB))
                .isNotSameAs(read)
                .isInstanceOfSatisfying(
                        StrutsBackgroundProcess.class,
                        job -> assertThat(job.getInvocation()).isNotNull());
    }

    /** Its value stack has what expressions are evaluated on, and asks for the container when it is read. */
    @Test
    void noClassOfOgnlIsAllowedWhateverAllowsIt() {
        ClassPolicy wide = ClassPolicy.learn(
                ClassPatterns.parse("org.apache.struts2.**, ognl.**"),
                name -> false,
                Set.of(),
                name -> true,
                STRUTS_PRESET::isPresent,
                line -> {});

        assertThat(List.of("ognl.OgnlContext", OgnlValueStack.class.getName())).noneMatch(wide::allows);
        assertThat(wide.allows(StrutsBackgroundProcess.class.getName())).isTrue();
    }

    /** A name that no version of the framework stores any more has no business in a list. */
    @Test
    void presetNamesWhatStrutsKeepsAndNothingElse() throws Exception {
        assertThat(STRUTS_PRESET.list())
                .isEqualTo(STRUTS_PRESET.neededFor(all().stream().map(Kept::value)));
    }
}
