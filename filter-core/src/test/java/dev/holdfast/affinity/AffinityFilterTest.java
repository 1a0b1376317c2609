package dev.holdfast.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.SessionCookieConfig;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AffinityFilterTest {
    private final ServletContext context = mock(ServletContext.class);
    private final SessionCookieConfig sessionCookie = mock(SessionCookieConfig.class);
    private final Map<String, String> contextParams = new HashMap<>();
    private final Map<String, String> initParams = new HashMap<>();
    private final List<Cookie> added = new ArrayList<>();
    private final AffinityFilter filter = new AffinityFilter();

    @Test
    void refusesToStartWithWrongSettingsAndNamesAllOfThem() {
        contextParams.put("holdfast.affinity.prefix", "-");
        contextParams.put("holdfast.afinity", "none");
        initParams.put("node", "node 1");
        initParams.put("redis", "redis://127.0.0.1:1");

        assertThatThrownBy(this::init).isInstanceOf(ServletException.class).hasMessage("""
                        4 settings are wrong:
                          holdfast.node is "node 1" (from filter affinity of /shop): must be 1 to 63 of the characters A-Z a-z 0-9 _ -.
                          holdfast.affinity.prefix is "-" (from web.xml of /shop): must be empty or a dot.
                          redis (from filter affinity of /shop) is no setting of this version: the nearest name is node.
                          holdfast.afinity (from web.xml of /shop) is no setting of this version: the nearest name is holdfast.affinity.""");
    }

    @Test
    void initParamsComeBeforeContextParams() throws Exception {
        contextParams.put("holdfast.node", "n1");
        contextParams.put("holdfast.affinity.cookie", "ROUTE");
        initParams.put("node", "n2");
        init();

        useSession(request());

        assertThat(added).singleElement().satisfies(cookie -> {
            assertThat(cookie.getName()).isEqualTo("ROUTE");
            assertThat(cookie.getValue()).isEqualTo("n2");
        });
    }

    @Test
    void nodeWithoutNameIsNamedByHostAndPort() throws Exception {
        init();
        HttpServletRequest request = request();
        when(request.getLocalPort()).thenReturn(8080);
        when(request.getLocalAddr()).thenReturn("10.0.0.11");

        useSession(request);

        assertThat(added)
                .singleElement()
                .extracting(Cookie::getValue)
                .isEqualTo(Routes.derive(Routes.localHost("10.0.0.11"), 8080));
    }

    @Test
    void suffixIsRefusedWithWhatToDo() {
        contextParams.put("holdfast.affinity", "suffix");

        assertThatThrownBy(this::init).isInstanceOf(ServletException.class).hasMessage("""
                        1 setting is wrong:
                          holdfast.affinity is "suffix" (from web.xml of /shop): must be cookie or none, because a filter cannot change the session id; suffix works with Holdfast's module for Tomcat or Jetty, which needs no filter: take the filter out of web.xml there.""");
    }

    @Test
    void affinityNoneSetsNoCookie() throws Exception {
        contextParams.put("holdfast.affinity", "none");
        init();

        useSession(request());

        assertThat(added).isEmpty();
    }

    @Test
    void sessionObjectThatIsKeptBeyondItsRequestCanStillBeEnded() throws Exception {
        contextParams.put("holdfast.node", "n1");
        init();
        AtomicReference<HttpSession> kept = new AtomicReference<>();
        HttpServletRequest request = request();
        filter.doFilter(request, response(), (req, res) -> kept.set(((HttpServletRequest) req).getSession()));

        kept.get().invalidate();

        assertThat(added).singleElement().extracting(Cookie::getMaxAge).isEqualTo(-1);
    }

    @Test
    void exceptionOfTheSessionReachesTheApplicationAsItIs() throws Exception {
        contextParams.put("holdfast.node", "n1");
        init();
        HttpServletRequest request = request();
        IllegalStateException invalid = new IllegalStateException("already invalidated");
        HttpSession session = request.getSession(true);
        doThrow(invalid).when(session).invalidate();

        assertThatThrownBy(() -> filter.doFilter(
                        request,
                        response(),
                        (req, res) -> ((HttpServletRequest) req).getSession().invalidate()))
                .isSameAs(invalid);
        assertThat(added).singleElement().extracting(Cookie::getMaxAge).isEqualTo(-1);
    }

    private void useSession(HttpServletRequest request) throws Exception {
        filter.doFilter(request, response(), (req, res) -> ((HttpServletRequest) req).getSession());
    }

    private void init() throws ServletException {
        when(context.getContextPath()).thenReturn("/shop");
        when(context.getSessionCookieConfig()).thenReturn(sessionCookie);
        when(sessionCookie.getMaxAge()).thenReturn(-1);
        when(context.getInitParameterNames()).thenReturn(Collections.enumeration(contextParams.keySet()));
        when(context.getInitParameter(any())).thenAnswer(call -> contextParams.get(call.<String>getArgument(0)));
        FilterConfig config = mock(FilterConfig.class);
        when(config.getFilterName()).thenReturn("affinity");
        when(config.getServletContext()).thenReturn(context);
        when(config.getInitParameterNames()).thenReturn(Collections.enumeration(initParams.keySet()));
        when(config.getInitParameter(any())).thenAnswer(call -> initParams.get(call.<String>getArgument(0)));
        filter.init(config);
    }

    private static HttpServletRequest request() {
        HttpServletRequest request = mock(HttpServletRequest.class);
        HttpSession session = mock(HttpSession.class);
        when(session.getId()).thenReturn("1fab");
        when(request.getSession(anyBoolean())).thenReturn(session);
        return request;
    }

    private HttpServletResponse response() {
        HttpServletResponse response = mock(HttpServletResponse.class);
        doAnswer(call -> added.add(call.getArgument(0))).when(response).addCookie(any());
        // As a container does that writes cookies out at the end only.
        when(response.getHeaders("Set-Cookie"))
                .thenAnswer(call -> added.stream()
                        .map(cookie -> cookie.getName() + "=" + cookie.getValue())
                        .toList());
        return response;
    }
}
