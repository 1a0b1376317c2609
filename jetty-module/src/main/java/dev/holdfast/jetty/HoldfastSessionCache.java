package dev.holdfast.jetty;

import dev.holdfast.ApplicationClasses;
import dev.holdfast.Holdfast;
import dev.holdfast.HoldfastConfig;
import dev.holdfast.HoldfastConfigException;
import dev.holdfast.NodeName;
import dev.holdfast.SettingsSource;
import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.ContainerSessions;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.request.RequestScope;
import dev.holdfast.session.request.SessionCoordinator;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.session.AbstractSessionManager;
import org.eclipse.jetty.session.ManagedSession;
import org.eclipse.jetty.session.SessionContext;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the sessions of one application so that they survive their node: what Jetty asks of a session cache, answered
 * by the protocol. Sessions are saved by {@link CommitStream}, found by {@link LazySession}, and ended by the
 * coordinator.
 */
final class HoldfastSessionCache extends PassiveSessionCache implements ContainerSessions {
    private static final Logger LOG = System.getLogger(HoldfastSessionCache.class.getName());

    /** The request for which a thread is about to make a session. */
    private static final ThreadLocal<@Nullable RequestHold> CREATING = new ThreadLocal<>();

    private final AbstractSessionManager manager;
    private final ContextHandler application;
    private final @Nullable Embedded embedded;
    private final String holdAttribute;
    private final RequestScopes scopes = new RequestScopes(this);
    private volatile @Nullable Running running;

    private record Running(
            Holdfast holdfast,
            HoldfastCookies cookies,
            int buffer,
            ServletEnvironment servletEnvironment,
            Sweeper sweeper) {}

    /**
     * What a framework that starts Jetty itself knows of its application.
     *
     * @param config its settings
     * @param classes which classes are its own
     * @param port that Jetty will listen on, 0 for one of the system's choice: while the application starts, Spring
     *     Boot keeps the connectors away
     */
    record Embedded(HoldfastConfig config, ApplicationClasses classes, int port) {}

    private HoldfastSessionCache(
            AbstractSessionManager manager, ContextHandler application, @Nullable Embedded embedded) {
        this.manager = manager;
        this.application = application;
        this.embedded = embedded;
        // Each application has its own: one may dispatch a request to another.
        this.holdAttribute = RequestHold.class.getName() + application.getContextPath();
    }

    /**
     * Makes Holdfast the session cache of an application that has not started its sessions yet.
     *
     * @param embedded null: all is to be found in the application
     */
    static HoldfastSessionCache installFor(
            AbstractSessionManager manager, ContextHandler application, @Nullable Embedded embedded) {
        HoldfastSessionCache cache = new HoldfastSessionCache(manager, application, embedded);
        manager.setSessionIdManager(new HoldfastIdManager(cache));
        manager.setSessionCache(cache);
        return cache;
    }

    // ---- life

    /** Jetty starts its session manager, in the application's own context. */
    @Override
    public void initialize(SessionContext context) {
        try {
            ServletEnvironment servletEnvironment = ServletEnvironment.of(application);
            Embedded told = embedded;
            HoldfastConfig config = told == null ? readConfig(servletEnvironment) : told.config();
            Server server = application.getServer();
            int port = told == null ? JettyPlace.configuredPort(server) : told.port();
            NodeName node = NodeName.of(
                    server, config, JettyPlace.workerName(server), "workerName of the session id manager", port);
            NodePagesHandler.answerUnlessTold(config.pages(), server); // also if this does not start
            Holdfast holdfast = Holdfast.start(
                    server,
                    config,
                    node.route(),
                    NodeName.address(port),
                    new JettyServer(server, application),
                    this,
                    JettyPlace.loader(application),
                    told == null ? new WebappClasses(application.getClassLoader()) : told.classes());
            running = new Running(
                    holdfast,
                    new HoldfastCookies(manager, holdfast, config, node.route(), JettyPlace.path(application)),
                    config.buffer(),
                    servletEnvironment,
                    new Sweeper(server, () -> inApplication(holdfast.coordinator()::expireIdle)));
            application.addEventListener(scopes);
            NodePagesHandler.answer(config.pages(), server);
            Holdfast.announce(
                    application.getContextPath(),
                    config,
                    node,
                    text -> LOG.log(Level.INFO, text),
                    text -> LOG.log(Level.WARNING, text));
            ServerReport.of(server).takesPart(application.getContextPath());
        } catch (HoldfastConfigException e) {
            // The cause adds nothing but a stack: the message has every mistake and where it was read.
            throw new IllegalStateException(e.getMessage());
        }
    }

    private HoldfastConfig readConfig(ServletEnvironment servletEnvironment) {
        return HoldfastConfig.read(
                new SettingsSource("web.xml of " + application.getContextPath(), servletEnvironment.initParams()),
                JettyPlace.place(application));
    }

    @Override
    protected void doStart() {
        running().sweeper().schedule();
    }

    /** Sessions go on elsewhere, or here after a restart: none ends. */
    @Override
    public void shutdown() {
        Running current = running;
        if (current == null) {
            return;
        }
        current.sweeper().stop();
        for (ContainerSession local : current.holdfast().coordinator().sessions()) {
            if (local instanceof HoldfastSession session && session.isValid()) {
                session.passivate();
            }
        }
        running = null;
        application.removeEventListener(scopes);
        current.holdfast().close();
    }

    @Override
    protected void doStop() {
        shutdown();
    }

    /** Another object for each time that the application runs, null while it does not. */
    @Nullable
    Object run() {
        return running;
    }

    private Running running() {
        Running current = running;
        if (current == null) {
            throw new IllegalStateException("Holdfast is stopped for " + application.getContextPath());
        }
        return current;
    }

    /** Empty if it is not started, or did not start. */
    Optional<Holdfast> holdfast() {
        return Optional.ofNullable(running).map(Running::holdfast);
    }

    SessionCoordinator coordinator() {
        return running().holdfast().coordinator();
    }

    HoldfastCookies cookies() {
        return running().cookies();
    }

    /** How browsers know a session. */
    String presentable(String id) {
        Running current = running;
        return current == null ? id : current.cookies().presentable(id);
    }

    /** Those that web.xml, or a program, names. */
    Set<String> knownRoles() {
        return running().servletEnvironment().knownRoles();
    }

    /** Runs something with the application's class loader as the thread's, whatever thread it is. */
    void inApplication(Runnable action) {
        application.getContext().run(action);
    }

    // ---- requests

    /**
     * The hold of a request to this application; the first call for a request begins it. Null while Holdfast is
     * stopped.
     */
    @Nullable
    RequestHold holdOf(Request request) {
        RequestHold known = knownHoldOf(request);
        if (known != null || running == null) {
            return known;
        }
        RequestHold hold = new RequestHold(this, request);
        request.setAttribute(holdAttribute, hold);
        hold.hook();
        return hold;
    }

    @Nullable
    RequestHold knownHoldOf(Request request) {
        return request.getAttribute(holdAttribute) instanceof RequestHold hold ? hold : null;
    }

    void creatingFor(@Nullable Request request) {
        CREATING.set(request == null ? null : holdOf(request));
    }

    /** The session that a request came for; nothing is asked before somebody needs it. */
    @Override
    public @Nullable ManagedSession get(String id) {
        SessionId sessionId = SessionId.parse(id);
        RequestScope scope = RequestScope.current();
        if (sessionId == null
                || scope == null
                || running == null
                || !scope.belongsTo(coordinator())
                || !(scope.owner() instanceof RequestHold hold)) {
            return null;
        }
        return hold.postponed(manager, sessionId);
    }

    /** Somebody has asked for the session of a request, and here it is: from now on Jetty knows it as the request's. */
    void found(RequestHold hold, HoldfastSession session) {
        Request request = hold.request();
        // It was used when its request began, whenever somebody asks for it.
        session.accessed(System.currentTimeMillis() - hold.scope().sinceBeganMillis());
        running().servletEnvironment().setSession(request, session);
    }

    /** What the application writes from now on waits in memory: a change that is refused late is a clean 503. */
    void raiseBuffer(RequestHold hold) {
        Running current = running;
        if (current != null && current.buffer() > 0) {
            current.servletEnvironment().raiseBuffer(hold.request(), current.buffer());
        }
    }

    @Override
    public ManagedSession newSession(String id, long time, long maxInactiveMs) {
        SessionId sessionId = SessionId.parse(id);
        if (sessionId == null) {
            throw new IllegalArgumentException("Not an id of Holdfast's id manager");
        }
        RequestHold hold = CREATING.get();
        CREATING.remove();
        HoldfastSession session = HoldfastSession.created(this, sessionId, time, maxInactiveMs);
        session.attach(coordinator().create(hold == null ? null : hold.scope(), sessionId, session));
        if (hold != null) {
            hold.created(session);
        }
        return session;
    }

    @Override
    public ContainerSession restore(SessionId id, SessionAccess copy, SessionSnapshot snapshot, long sinceUseMillis) {
        return HoldfastSession.restored(this, id, copy, snapshot, sinceUseMillis);
    }

    @Override
    public ContainerSession restoreExpired(
            SessionId id, SessionAccess copy, SessionSnapshot snapshot, long sinceUseMillis) {
        return HoldfastSession.restored(this, id, copy, snapshot, sinceUseMillis);
    }

    @Override
    public AbstractSessionManager getSessionManager() {
        return manager;
    }

    @Override
    public boolean contains(String id) {
        return running().holdfast().coordinator().isServing(id);
    }
}
