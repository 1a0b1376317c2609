package dev.holdfast.jetty;

import dev.holdfast.Holdfast;
import dev.holdfast.NodePages;
import dev.holdfast.PageAnswer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.ProxyConnectionFactory.ProxyEndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.session.AbstractSessionManager;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Answers what asks at {@code holdfast.health.path} and {@code holdfast.metrics.path}, before any application sees the
 * request. Inserted into the server by {@code etc/holdfast.xml} and by {@link HoldfastJetty#install}: a server that
 * starts or runs takes no handler.
 */
public final class NodePagesHandler extends Handler.Wrapper {
    private static final Logger LOG = System.getLogger(HoldfastSessionCacheFactory.class.getName());

    /** Of the server: all its applications have the same, as long as one of them runs. */
    private volatile NodePages pages = NodePages.NONE;

    /** Inserts one into a server that has none and has not started. */
    static void insertInto(@Nullable Server server) {
        if (server != null && !server.isRunning() && server.getDescendant(NodePagesHandler.class) == null) {
            server.insertHandler(new NodePagesHandler());
        }
    }

    /** Lets a server answer them. */
    static void answer(NodePages pages, Server server) {
        NodePagesHandler handler = server.getDescendant(NodePagesHandler.class);
        if (handler != null) {
            handler.pages = pages;
        } else if (!pages.areNone()) {
            LOG.log(
                    Level.WARNING,
                    "HF-144: Nothing answers at " + pages.settings() + ", because this server has no"
                            + " NodePagesHandler. Call HoldfastJetty.install after Server.setHandler, or insert one"
                            + " before the server starts: server.insertHandler(new NodePagesHandler()).");
        }
    }

    /** For an application that may be refused yet: the pages of one that runs stay. */
    static void answerUnlessTold(NodePages pages, Server server) {
        NodePagesHandler handler = server.getDescendant(NodePagesHandler.class);
        if (handler != null && handler.pages.areNone()) {
            handler.pages = pages;
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        NodePages asked = pages;
        String path = asked.areNone() ? null : request.getHttpURI().getCanonicalPath();
        if (path == null
                || !asked.have(path)
                || !asked.isAsked(path, request.getHttpURI().getPath())) {
            return super.handle(request, response, callback);
        }
        String peer = peer(request);
        String client = client(request);
        PageAnswer answer = PageAnswer.to(
                new PageAnswer.Question(
                        path, request.getMethod(), List.of(peer, client), isPassedOn(request, peer, client)),
                asked,
                applications());
        response.setStatus(answer.status());
        answer.headers().forEach(response.getHeaders()::put);
        response.write(true, ByteBuffer.wrap(answer.body()), callback);
        return true;
    }

    /** By a header, by the PROXY protocol, or by whatever has made another client of the peer. */
    private static boolean isPassedOn(Request request, String peer, String client) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        while (endPoint instanceof EndPoint.Wrapper wrapper) { // TLS is one, too
            if (endPoint instanceof ProxyEndPoint) {
                return true;
            }
            endPoint = wrapper.unwrap();
        }
        return !peer.equals(client)
                || request.getHeaders().stream().anyMatch(field -> PageAnswer.Question.isOfAProxy(field.getName()));
    }

    /** Whose connection it is. */
    private static String peer(Request request) {
        SocketAddress peer =
                request.getConnectionMetaData().getConnection().getEndPoint().getRemoteSocketAddress();
        return peer instanceof InetSocketAddress address && address.getAddress() != null
                ? address.getAddress().getHostAddress()
                : String.valueOf(peer);
    }

    /** As whom a customizer presents it. */
    private static String client(Request request) {
        return String.valueOf(Request.getRemoteAddr(request)).replaceAll("[\\[\\]]", "");
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
