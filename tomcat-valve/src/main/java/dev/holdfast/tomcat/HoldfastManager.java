package dev.holdfast.tomcat;

import dev.holdfast.ApplicationClasses;
import dev.holdfast.Holdfast;
import dev.holdfast.HoldfastConfig;
import dev.holdfast.HoldfastConfigException;
import dev.holdfast.NodeName;
import dev.holdfast.RequestCost;
import dev.holdfast.SettingsSource;
import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.ContainerSessions;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.request.RequestScope;
import dev.holdfast.session.request.SessionCoordinator;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRequestListener;
import java.security.Principal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.Session;
import org.apache.catalina.connector.Request;
import org.apache.catalina.session.ManagerBase;
import org.apache.catalina.session.TooManyActiveSessionsException;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.http.FastHttpDateFormat;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the sessions of one application so that they survive their node.
 *
 * <p>Usually installed by the JAR itself for applications that say {@code <distributable/>} or have a
 * {@code holdfast.*} context-param; may be named in context.xml: {@code <Manager
 * className="dev.holdfast.tomcat.HoldfastManager"/>}. Its settings stand in web.xml, see {@code docs/configuration.md}.
 */
public final class HoldfastManager extends ManagerBase {
    private static final Log LOG = LogFactory.getLog(HoldfastManager.class);
    private static final String NAME = "HoldfastManager";

    /** What Tomcat's MBean answers for the times of a session that is not here. */
    private static final long NOT_HELD = -1;

    /**
     * What a framework that starts Tomcat itself knows of its application.
     *
     * @param config its settings
     * @param classes which classes are its own
     * @param port that Tomcat will listen on, 0 for one of the system's choice: while the application starts, Spring
     *     Boot keeps the connectors away
     */
    record Embedded(HoldfastConfig config, ApplicationClasses classes, int port) {}

    private final @Nullable Embedded embedded;

    private final Set<String> warnedPrincipals = ConcurrentHashMap.newKeySet();
    /**
     * Requests that are or may become asynchronous by the id that they came with, for look-ups on threads that the
     * container knows nothing of.
     */
    private final Map<String, List<RequestHold>> async = new ConcurrentHashMap<>();

    private @Nullable Holdfast holdfast;
    private @Nullable HoldfastCookies cookies;
    private @Nullable ApplicationValve applicationValve;
    private volatile int buffer;
    private volatile RequestCost requestCost = RequestCost.NONE;
    private volatile boolean requestListeners;
    private volatile @Nullable RuntimeException startFailure;

    public HoldfastManager() {
        this(null);
    }

    /** @param embedded null: all is to be found in the context */
    HoldfastManager(@Nullable Embedded embedded) {
        this.embedded = embedded;
        // The background thread of Tomcat asks every ten seconds; idle sessions are not to wait for six times that.
        setProcessExpiresFrequency(1);
    }

    @Override
    public String getName() {
        return NAME;
    }

    // ---- life

    @Override
    protected void startInternal() throws LifecycleException {
        super.startInternal();
        startFailure = null;
        Context context = getContext();
        try {
            CommitHook.check();
            Embedded told = embedded;
            HoldfastConfig config = told == null ? readConfig(context) : told.config();
            NodeName node = NodeName.of(
                    HoldfastTomcat.server(context),
                    config,
                    getJvmRoute(),
                    "jvmRoute of the Engine",
                    told == null ? HoldfastTomcat.configuredPort(context) : told.port());
            HoldfastValve valveOfHost = HoldfastTomcat.hostValve(context);
            valveOfHost.answerUnlessTold(config.pages()); // also if this does not start
            Holdfast started = Holdfast.start(
                    HoldfastTomcat.server(context),
                    config,
                    node.route(),
                    NodeName.address(told == null ? HoldfastTomcat.listeningPort(context) : told.port()),
                    new TomcatServer(context),
                    new Sessions(),
                    applicationLoader(),
                    told == null ? new WebappClasses(context) : new FrameworkClasses(told.classes()));
            holdfast = started;
            valveOfHost.answer(config.pages());
            cookies = new HoldfastCookies(context, started, config, node.route());
            buffer = config.buffer();
            requestCost = config.requestCost();
            ApplicationValve valve = new ApplicationValve();
            context.getPipeline().addValve(valve);
            applicationValve = valve;
            // The listeners of the application were made before its manager starts.
            requestListeners = Arrays.stream(context.getApplicationEventListeners())
                    .anyMatch(ServletRequestListener.class::isInstance);
            Holdfast.announce(HoldfastTomcat.name(context), config, node, LOG::info, LOG::warn);
            ServerReport.of(context).takesPart(HoldfastTomcat.name(context));
        } catch (HoldfastConfigException e) {
            // The cause adds nothing but a stack: the message has every mistake and where it was read.
            startFailure = e;
            didNotStart(context);
            throw new LifecycleException(e.getMessage());
        } catch (RuntimeException e) {
            startFailure = e;
            close();
            didNotStart(context);
            throw new LifecycleException(
                    "Holdfast cannot start for " + HoldfastTomcat.name(context) + ": " + e.getMessage(), e);
        }
        setState(LifecycleState.STARTING);
    }

    /** Throws why the application did not start, if it did not. */
    void throwStartFailure() {
        RuntimeException failure = startFailure;
        if (failure != null) {
            throw failure;
        }
    }

    private static void didNotStart(Context context) {
        ServerReport.of(context).staysOut(HoldfastTomcat.name(context), "it did not start, see above", LOG::info);
    }

    private static HoldfastConfig readConfig(Context context) {
        ServletContext servletContext = context.getServletContext();
        Map<String, String> params = new HashMap<>();
        for (String name : Collections.list(servletContext.getInitParameterNames())) {
            String value = servletContext.getInitParameter(name);
            if (value != null) {
                params.put(name, value);
            }
        }
        return HoldfastConfig.read(
                new SettingsSource("web.xml of " + HoldfastTomcat.name(context), params),
                HoldfastTomcat.place(context));
    }

    @Override
    protected void stopInternal() throws LifecycleException {
        setState(LifecycleState.STOPPING);
        ApplicationValve valve = applicationValve;
        if (valve != null) {
            getContext().getPipeline().removeValve(valve);
            applicationValve = null;
        }
        for (Session session : sessions.values()) {
            if (session instanceof HoldfastSession held) {
                held.passivate();
            }
        }
        close();
        async.clear();
        sessions.clear(); // sessions go on elsewhere, or here after the restart: none ends
        warnedPrincipals.clear();
        super.stopInternal();
    }

    private void close() {
        Holdfast running = holdfast;
        holdfast = null;
        cookies = null;
        if (running != null) {
            running.close();
        }
    }

    /** Whether requests can be served: started and not stopped. */
    boolean isServing() {
        return holdfast != null;
    }

    /** Empty if it is not started, or did not start. */
    Optional<Holdfast> holdfast() {
        return Optional.ofNullable(holdfast);
    }

    /**
     * How many bytes of an answer wait before the first one leaves, once its request has used its session; 0 for
     * Tomcat's own buffer.
     */
    int buffer() {
        return buffer;
    }

    RequestCost requestCost() {
        return requestCost;
    }

    SessionCoordinator coordinator() {
        Holdfast running = holdfast;
        if (running == null) {
            throw new IllegalStateException("Holdfast is stopped for " + HoldfastTomcat.name(getContext()));
        }
        return running.coordinator();
    }

    HoldfastCookies cookies() {
        HoldfastCookies current = cookies;
        if (current == null) {
            throw new IllegalStateException("Holdfast is stopped for " + HoldfastTomcat.name(getContext()));
        }
        return current;
    }

    /** How browsers know a session. */
    String presentable(String id) {
        HoldfastCookies current = cookies;
        return current == null ? id : current.presentable(id);
    }

    private ClassLoader applicationLoader() {
        return getContext().getLoader().getClassLoader();
    }

    /** Runs something with the application's class loader as the thread's, whatever thread it is. */
    <T> @Nullable T inApplication(Supplier<@Nullable T> action) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(applicationLoader());
        try {
            return action.get();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Nothing to do: every session is in the store already. */
    @Override
    public void load() {}

    /** Nothing to do: every session is in the store already. */
    @Override
    public void unload() {}

    @Override
    public void processExpires() {
        Holdfast running = holdfast;
        if (running != null) {
            running.coordinator().expireIdle();
        }
    }

    // ---- look-ups

    @Override
    public @Nullable Session findSession(@Nullable String id) {
        SessionId sessionId = SessionId.parsePresented(id);
        if (sessionId == null || !isServing()) {
            return null;
        }
        RequestScope scope = RequestScope.current();
        if (scope != null && scope.belongsTo(coordinator()) && scope.owner() instanceof RequestHold hold) {
            return hold.lookups().find(sessionId);
        }
        RequestScope guest = guest(scope);
        if (guest != null) {
            return findForGuest(guest, sessionId);
        }
        RequestHold suspended = asyncRequest(sessionId);
        if (suspended != null) {
            return suspended.lookups().find(sessionId);
        }
        return findOutsideOfRequests(sessionId);
    }

    /**
     * The scope of this application in a request of another one that includes it, or forwards to it; null if the thread
     * is in none. Tomcat then asks this manager for a session of the same id as that of the first application (its
     * {@code ApplicationHttpRequest}); what it asks of all managers of a host it asks with another class loader in
     * place.
     */
    private @Nullable RequestScope guest(@Nullable RequestScope scope) {
        if (scope == null
                || scope.belongsTo(coordinator())
                || !(scope.owner() instanceof RequestHold host)
                || Thread.currentThread().getContextClassLoader() != applicationLoader()) {
            return null;
        }
        return host.guest(this);
    }

    private static @Nullable HoldfastSession findForGuest(RequestScope guest, SessionId id) {
        Lookup lookup = guest.find(id, true);
        if (lookup.found() == Lookup.Found.UNAVAILABLE) {
            throw guest.refuse(id, lookup);
        }
        return (HoldfastSession) lookup.session();
    }

    /**
     * Parallel deployment asks every version before any valve, the Manager application asks when it likes: no copy
     * moves for that.
     */
    private @Nullable Session findOutsideOfRequests(SessionId id) {
        Session held = sessions.get(id.value());
        if (held != null) {
            return held;
        }
        if (!EarlyLookups.current().exists(getContext().getName(), coordinator(), id)) {
            return null;
        }
        HoldfastSession placeholder = new HoldfastSession(this);
        placeholder.attach(coordinator().unheld(id, placeholder));
        placeholder.setValid(true);
        return placeholder;
    }

    /** From here on, threads of the application's own may look a session up for this request. */
    void mayGoAsync(RequestHold hold, @Nullable String requestedId) {
        if (requestedId != null) {
            async.merge(requestedId, List.of(hold), HoldfastManager::added);
        }
    }

    private static List<RequestHold> added(List<RequestHold> before, List<RequestHold> one) {
        if (before.contains(one.get(0))) {
            return before;
        }
        List<RequestHold> all = new ArrayList<>(before);
        all.addAll(one);
        return List.copyOf(all);
    }

    void asyncEnded(RequestHold hold, @Nullable String requestedId) {
        if (requestedId != null && !async.isEmpty()) {
            async.computeIfPresent(requestedId, (id, holds) -> {
                if (holds.size() == 1) {
                    return holds.get(0) == hold ? null : holds;
                }
                return holds.stream().filter(other -> other != hold).toList();
            });
        }
    }

    /** How many ids asynchronous requests are known by. */
    int asyncRequests() {
        return async.size();
    }

    /**
     * Which of several requests the thread works for cannot be told: all are of one browser, and any of them may load
     * its session.
     */
    private @Nullable RequestHold asyncRequest(SessionId id) {
        List<RequestHold> holds = async.getOrDefault(id.value(), List.of());
        for (int i = holds.size() - 1; i >= 0; i--) {
            if (holds.get(i).isAsync()) {
                return holds.get(i);
            }
        }
        return null;
    }

    @Override
    public Session createSession(@Nullable String wanted) {
        RequestScope scope = RequestScope.current();
        RequestScope guest = guest(scope);
        if (guest != null && scope != null) {
            return create(guest, idForGuest(scope, guest, wanted));
        }
        RequestHold hold = scope != null && scope.belongsTo(coordinator()) && scope.owner() instanceof RequestHold own
                ? own
                : null;
        if (hold != null) {
            HoldfastSession found = hold.lookups().findInsteadOfCreating();
            if (found != null) {
                return found;
            }
        }
        requireRoom();
        return create(
                hold == null ? null : hold.scope(), SessionId.random()); // an id that a client chose is never taken
    }

    /**
     * The id of the session that the including application has in this request, so that the next include finds it: made
     * by a server, and known to be its client's. Any other is not taken, nor one under which a session has ended: no id
     * lives twice.
     */
    private static SessionId idForGuest(RequestScope host, RequestScope guest, @Nullable String wanted) {
        SessionId id = SessionId.parse(wanted);
        return id != null && host.holds(id) && guest.mayCreate(id) ? id : SessionId.random();
    }

    private Session create(@Nullable RequestScope scope, SessionId id) {
        HoldfastSession session = new HoldfastSession(this);
        session.setNew(true);
        session.setValid(true);
        session.setCreationTime(System.currentTimeMillis());
        session.setMaxInactiveInterval(getContext().getSessionTimeout() * 60);
        session.attach(coordinator().create(scope, id, session));
        session.setId(id.value());
        return session;
    }

    /** As Tomcat's own managers do it: what counts is what this node has in memory. */
    private void requireRoom() {
        int most = getMaxActiveSessions();
        if (most >= 0 && getActiveSessions() >= most) {
            rejectedSessions++;
            throw new TooManyActiveSessionsException(sm.getString("managerBase.createSession.ise"), most);
        }
    }

    @Override
    public Session createEmptySession() {
        return new HoldfastSession(this);
    }

    @Override
    protected String generateSessionId() {
        return SessionId.random().value();
    }

    // ---- changes of the id, and ends

    @Override
    public String rotateSessionId(Session session) {
        String newId = copyOf(session).id().sibling().value();
        changeSessionId(session, newId);
        return newId;
    }

    @Override
    protected void changeSessionId(
            Session session, String newId, boolean notifySessionListeners, boolean notifyContainerListeners) {
        SessionId id = SessionId.parse(newId);
        if (id == null) {
            throw new IllegalArgumentException(
                    "The new session id is none of Holdfast's: it must be 34 lower-case hexadecimal digits, of which"
                            + " the first two stay");
        }
        coordinator().changeId(copyOf(session), id);
        super.changeSessionId(session, newId, notifySessionListeners, notifyContainerListeners);
    }

    private static SessionAccess copyOf(Session session) {
        if (session instanceof HoldfastSession own) {
            return own.copy();
        }
        throw new IllegalArgumentException(
                "Not a session of Holdfast: " + session.getClass().getName());
    }

    /** Tomcat would know the session by what it tells browsers, which may have a route in it. */
    @Override
    public void add(Session session) {
        super.add(session);
        if (session instanceof HoldfastSession own && !own.plainId().equals(own.getIdInternal())) {
            sessions.put(own.plainId(), own);
            sessions.remove(own.getIdInternal(), own);
        }
    }

    @Override
    public void remove(Session session, boolean update) {
        super.remove(session, update);
        if (session instanceof HoldfastSession own) {
            sessions.remove(own.plainId(), own);
        }
    }

    void forget(HoldfastSession session) {
        sessions.remove(session.copy().id().value(), session);
    }

    // ---- what operators see: Tomcat's Manager application, and the MBean of this manager

    /** Ids are credentials, and values are none of an operator's business: {@link ShownSession} has neither. */
    @Override
    public Session[] findSessions() {
        return own().stream().map(ShownSession::new).toArray(Session[]::new);
    }

    private List<HoldfastSession> own() {
        List<HoldfastSession> own = new ArrayList<>();
        for (Session session : sessions.values()) {
            if (session instanceof HoldfastSession one) {
                own.add(one);
            }
        }
        return own;
    }

    @Override
    public String listSessionIds() {
        return own().stream()
                .map(session -> ShownSession.nameOf(session.copy().id()))
                .collect(Collectors.joining(" "));
    }

    /** By the name that operators see, or by its id; null if this node does not hold it. */
    private @Nullable HoldfastSession shown(@Nullable String name) {
        if (name == null) {
            return null;
        }
        if (sessions.get(name) instanceof HoldfastSession known) {
            return known;
        }
        for (HoldfastSession session : own()) {
            SessionId id = session.copy().id();
            if (name.startsWith(id.value().substring(0, 4)) && name.equals(ShownSession.nameOf(id))) {
                return session;
            }
        }
        return null;
    }

    /** @return a map of the names of all attributes; null if this node does not hold the session */
    @Override
    @SuppressWarnings("NonApiType") // Tomcat's method has it
    public @Nullable HashMap<String, String> getSession(String sessionId) {
        HoldfastSession session = shown(sessionId);
        if (session == null) {
            return null;
        }
        HashMap<String, String> names = new HashMap<>();
        session.shownNames().forEach(name -> names.put(name, ShownSession.NO_VALUE));
        return names;
    }

    @Override
    public @Nullable String getSessionAttribute(String sessionId, String key) {
        HoldfastSession session = shown(sessionId);
        return session != null && session.shownNames().contains(key) ? ShownSession.NO_VALUE : null;
    }

    @Override
    public void expireSession(String sessionId) {
        HoldfastSession session = shown(sessionId);
        if (session != null) {
            session.expire();
        }
    }

    // Tomcat's own would log a whole id that this node does not hold.

    @Override
    public long getThisAccessedTimestamp(String sessionId) {
        return time(sessionId, HoldfastSession::getThisAccessedTimeInternal);
    }

    @Override
    public String getThisAccessedTime(String sessionId) {
        return timeText(getThisAccessedTimestamp(sessionId));
    }

    @Override
    public long getLastAccessedTimestamp(String sessionId) {
        return time(sessionId, HoldfastSession::getLastAccessedTimeInternal);
    }

    @Override
    public String getLastAccessedTime(String sessionId) {
        return timeText(getLastAccessedTimestamp(sessionId));
    }

    @Override
    public long getCreationTimestamp(String sessionId) {
        return time(sessionId, HoldfastSession::getCreationTimeInternal);
    }

    @Override
    public String getCreationTime(String sessionId) {
        return timeText(getCreationTimestamp(sessionId));
    }

    private long time(@Nullable String name, ToLongFunction<HoldfastSession> time) {
        HoldfastSession session = shown(name);
        return session == null ? NOT_HELD : time.applyAsLong(session);
    }

    private static String timeText(long time) {
        return time == NOT_HELD ? "" : FastHttpDateFormat.formatDate(time);
    }

    // ---- what the application is like

    /** Whether code of the application runs before its first valve. */
    boolean hasRequestListeners() {
        return requestListeners;
    }

    boolean isConstrained(Request request) {
        return getContext().getRealm() != null
                && getContext().getRealm().findSecurityConstraints(request, getContext()) != null;
    }

    /** Whether the FORM login may go on with this request: it then needs what it has saved in the session. */
    boolean isFormRequest(Request request) {
        if (getContext().getLoginConfig() == null
                || !"FORM".equals(getContext().getLoginConfig().getAuthMethod())) {
            return false;
        }
        return request.getDecodedRequestURI().endsWith("/j_security_check") || !isStatic(request);
    }

    private static boolean isStatic(Request request) {
        return request.getWrapper() != null
                && "org.apache.catalina.servlets.DefaultServlet"
                        .equals(request.getWrapper().getServletClass());
    }

    void warnUnknownPrincipal(Principal principal) {
        if (warnedPrincipals.add(principal.getClass().getName())) {
            LOG.warn("HF-204: Users of " + HoldfastTomcat.name(getContext()) + " are logged in as "
                    + principal.getClass().getName()
                    + ", which is no org.apache.catalina.realm.GenericPrincipal: its roles cannot be stored. Such a"
                    + " user has to log in again when another node takes over.");
        }
    }

    private final class Sessions implements ContainerSessions {
        @Override
        public ContainerSession restore(
                SessionId id, SessionAccess copy, SessionSnapshot snapshot, long sinceUseMillis) {
            ContainerSession session = restoreExpired(id, copy, snapshot, sinceUseMillis);
            sessions.put(id.value(), (HoldfastSession) session);
            return session;
        }

        @Override
        public ContainerSession restoreExpired(
                SessionId id, SessionAccess copy, SessionSnapshot snapshot, long sinceUseMillis) {
            long used = HoldfastSession.used(sinceUseMillis);
            HoldfastSession session = new HoldfastSession(HoldfastManager.this);
            session.attach(copy);
            session.restore(snapshot, used);
            return session;
        }
    }
}
