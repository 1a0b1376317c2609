package dev.holdfast.affinity;

import dev.holdfast.config.Settings;
import dev.holdfast.config.SettingsReader;
import dev.holdfast.config.Source;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells the balancer which node holds the session: a response whose request used a session gets the cookie {@code
 * HFROUTE=<route>} if the request had none that names this node.
 *
 * <p>Works in any Servlet 6 container without the rest of Holdfast, and steps aside where a container module does the
 * same ({@link #HANDLED_ATTRIBUTE}). Never creates or asks for a session itself; a response to a request that did not
 * touch a session never gets the cookie, and the response that ends a session expires it.
 *
 * <p>Settings: {@code holdfast.node}, {@code holdfast.affinity}, {@code holdfast.affinity.cookie} and {@code
 * holdfast.affinity.prefix} as system property or in the environment, then the init-params {@code node}, {@code
 * affinity}, … of the filter, then context-params. {@link #init} fails if any of them is wrong. Declare the filter
 * first, with {@code <async-supported>true</async-supported>} and the dispatchers REQUEST, ASYNC and ERROR; {@code
 * docs/affinity.md} has the text to paste.
 */
public final class AffinityFilter implements Filter {
    /**
     * The request attribute by which a container module says that it sets the route cookie itself: {@code
     * Boolean.TRUE}.
     */
    public static final String HANDLED_ATTRIBUTE = "dev.holdfast.affinity";

    private static final Logger LOG = System.getLogger(AffinityFilter.class.getName());

    /** Null means that the filter does nothing. */
    private @Nullable Setup setup;

    /**
     * What {@link #init} found out.
     *
     * @param attribute the request attribute that holds the {@link ResponseCookie}; each application has its own,
     *     because one may forward a request to another, which has another class of that name
     */
    private record Setup(
            String attribute,
            ServletContext context,
            SettingsReader settings,
            AlternationGuard guard,
            ForwardedProtoWarning forwardedProto) {}

    /** Made at the first request: only that knows the port. Written under the monitor, read without. */
    private volatile @Nullable AffinityCookies cookies;

    @Override
    public void init(FilterConfig config) throws ServletException {
        ServletContext context = config.getServletContext();
        String application = context.getContextPath().isEmpty() ? "/" : context.getContextPath();
        SettingsReader settings = SettingsReader.read(
                Settings.AFFINITY_ONLY,
                List.of(
                        Source.systemProperties(),
                        Source.environment(),
                        Source.initParams(
                                "filter " + config.getFilterName() + " of " + application,
                                params(Collections.list(config.getInitParameterNames()), config::getInitParameter),
                                Settings.AFFINITY_ONLY),
                        Source.contextParams(
                                "web.xml of " + application,
                                params(Collections.list(context.getInitParameterNames()), context::getInitParameter))));
        if (!settings.mistakes().isEmpty()) {
            throw new ServletException(SettingsReader.text(settings.mistakes()));
        }
        settings.warnings().forEach(warning -> LOG.log(Level.WARNING, warning));
        String set = settings.description().isEmpty() ? "all by default" : String.join(", ", settings.description());
        LOG.log(Level.INFO, "Route cookie of " + application + ": " + set);
        if (settings.get(Settings.AFFINITY_OF_FILTER).equals("cookie")) {
            setup = new Setup(
                    AffinityFilter.class.getName() + application,
                    context,
                    settings,
                    new AlternationGuard(),
                    new ForwardedProtoWarning());
        }
    }

    private interface Params {
        @Nullable
        String get(String name);
    }

    private static Map<String, String> params(List<String> names, Params params) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String name : names) {
            String value = params.get(name);
            if (value != null) {
                values.put(name, value);
            }
        }
        return values;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Setup active = setup;
        if (active == null
                || !(request instanceof HttpServletRequest httpRequest)
                || !(response instanceof HttpServletResponse httpResponse)
                || Boolean.TRUE.equals(request.getAttribute(HANDLED_ATTRIBUTE))) {
            chain.doFilter(request, response);
            return;
        }
        ResponseCookie cookie = (ResponseCookie) request.getAttribute(active.attribute());
        if (cookie == null) {
            cookie = new ResponseCookie(cookies(active, request), active.guard(), active.forwardedProto());
            request.setAttribute(active.attribute(), cookie);
        } else if (cookie.isOpen() && !startsWithBareRequest(request.getDispatcherType())) {
            // A forward, an include, or a second filter: the request passed here is wrapped already.
            chain.doFilter(request, response);
            return;
        }
        cookie.open(httpRequest, httpResponse, active.context());
        try {
            chain.doFilter(new SessionWatchingRequest(httpRequest, cookie), response);
        } finally {
            leave(httpRequest, cookie);
        }
    }

    private static boolean startsWithBareRequest(DispatcherType type) {
        return type == DispatcherType.ASYNC || type == DispatcherType.ERROR;
    }

    private static void leave(HttpServletRequest request, ResponseCookie cookie) {
        if (request.isAsyncStarted()) {
            try {
                request.getAsyncContext().addListener(new CloseAfterAsync(cookie));
                return;
            } catch (IllegalStateException e) {
                // Completed or dispatched by another thread in between: its response is no longer ours to change.
                cookie.close();
                return;
            }
        }
        cookie.repairAfterReset();
        cookie.close();
    }

    private AffinityCookies cookies(Setup active, ServletRequest request) {
        AffinityCookies made = cookies;
        if (made != null) {
            return made;
        }
        synchronized (this) {
            made = cookies;
            if (made == null) {
                SettingsReader settings = active.settings();
                String route = settings.find(Settings.NODE);
                if (route == null) {
                    String host = Routes.localHost(request.getLocalAddr());
                    int port = request.getLocalPort();
                    route = Routes.derive(host, port);
                    LOG.log(Level.WARNING, Routes.whyNamed(route));
                }
                made = new AffinityCookies(
                        settings.get(Settings.AFFINITY_COOKIE), settings.get(Settings.AFFINITY_PREFIX), route);
                cookies = made;
            }
            return made;
        }
    }
}
