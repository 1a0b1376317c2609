package dev.holdfast.jetty;

import dev.holdfast.Health;
import dev.holdfast.Holdfast;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.session.AbstractSessionManager;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Answers what asks at {@code holdfast.health.path}, before any application sees the request. Inserted into the server
 * by {@code etc/holdfast.xml} and by {@link HoldfastJetty#install}: a server that starts or runs takes no handler.
 */
public final class HealthHandler extends Handler.Wrapper {
    private static final Logger LOG = System.getLogger(HoldfastSessionCacheFactory.class.getName());

    /** Null for none. Of the server: all its applications have the same, as long as one of them runs. */
    private volatile @Nullable String path;

    /** Inserts one into a server that has none and has not started. */
    static void insertInto(@Nullable Server server) {
        if (server != null && !server.isRunning() && server.getDescendant(HealthHandler.class) == null) {
            server.insertHandler(new HealthHandler());
        }
    }

    /** Lets a server answer there; null for nowhere. */
    static void answerAt(@Nullable String path, Server server) {
        HealthHandler handler = server.getDescendant(HealthHandler.class);
        if (handler != null) {
            handler.path = path;
        } else if (path != null) {
            LOG.log(
                    Level.WARNING,
                    "HF-144: Nothing answers at holdfast.health.path = " + path + ", because this server has no"
                            + " HealthHandler. Call HoldfastJetty.install after Server.setHandler, or insert one before"
                            + " the server starts: server.insertHandler(new HealthHandler()).");
        }
    }

    /** For an application that may be refused yet: the path of one that runs stays. */
    static void answerUnlessTold(@Nullable String path, Server server) {
        HealthHandler handler = server.getDescendant(HealthHandler.class);
        if (handler != null && handler.path == null) {
            handler.path = path;
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String wanted = path;
        if (wanted == null || !wanted.equals(request.getHttpURI().getCanonicalPath())) {
            return super.handle(request, response, callback);
        }
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        if (!HttpMethod.GET.is(request.getMethod()) && !HttpMethod.HEAD.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            response.setStatus(HttpStatus.METHOD_NOT_ALLOWED_405);
            callback.succeeded();
            return true;
        }
        Health health = Health.of(applications());
        response.setStatus(health.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain;charset=US-ASCII");
        Content.Sink.write(response, true, health.text(), callback);
        return true;
    }

    /** Asked of Jetty each time: what was undeployed is not there any more, what did not start is. */
    private List<Optional<Holdfast>> applications() {
        List<Optional<Holdfast>> applications = new ArrayList<>();
        for (ContextHandler application : getServer().getDescendants(ContextHandler.class)) {
            for (AbstractSessionManager manager : application.getContainedBeans(AbstractSessionManager.class)) {
                if (manager.getSessionCache() instanceof HoldfastSessionCache cache) {
                    applications.add(application.isAvailable() ? cache.holdfast() : Optional.empty());
                }
            }
        }
        return applications;
    }
}
