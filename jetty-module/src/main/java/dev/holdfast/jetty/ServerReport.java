package dev.holdfast.jetty;

import dev.holdfast.Participants;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.LifeCycle;

/** Logs who takes part when the server, with all applications that start with it, has started. */
final class ServerReport implements LifeCycle.Listener {
    private static final Logger LOG = System.getLogger(HoldfastSessionCacheFactory.class.getName());

    /** Applications may start on several threads. */
    private static final Object MAKING = new Object();

    private final Participants participants = Participants.read();

    private ServerReport() {}

    /** The one of a server. */
    static Participants of(Server server) {
        synchronized (MAKING) {
            ServerReport report = server.getBean(ServerReport.class);
            if (report == null) {
                report = new ServerReport();
                server.addBean(report, false); // known to the server as long as it runs
                server.addEventListener(report);
                if (server.isStarted()) {
                    report.tell(); // the first application of all came late
                }
            }
            return report.participants;
        }
    }

    @Override
    public void lifeCycleStarted(LifeCycle server) {
        tell();
    }

    @Override
    public void lifeCycleStopped(LifeCycle server) {
        ((Server) server).removeBean(this); // its next start is another one
        server.removeEventListener(this);
    }

    private void tell() {
        participants.tell(text -> LOG.log(Level.INFO, text), text -> LOG.log(Level.WARNING, text));
    }
}
