package dev.holdfast.tomcat;

import dev.holdfast.Participants;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleEvent;
import org.apache.catalina.LifecycleListener;
import org.apache.catalina.LifecycleState;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;

/** Logs who takes part when the Engine, with all applications that start with it, has started. */
final class ServerReport implements LifecycleListener {
    private static final Log LOG = LogFactory.getLog(HoldfastInitializer.class);

    /** Not the Engine's own monitor: that is held while its applications start, on other threads. */
    private static final Object MAKING = new Object();

    private final Participants participants = Participants.read();

    private ServerReport() {}

    /** The one of the Engine that an application runs in. */
    static Participants of(Context context) {
        Container server = HoldfastTomcat.server(context);
        synchronized (MAKING) {
            for (LifecycleListener listener : server.findLifecycleListeners()) {
                if (listener instanceof ServerReport report) {
                    return report.participants;
                }
            }
            ServerReport report = new ServerReport();
            server.addLifecycleListener(report);
            if (server.getState() == LifecycleState.STARTED) {
                report.tell(); // the first application of all came late
            }
            return report.participants;
        }
    }

    @Override
    public void lifecycleEvent(LifecycleEvent event) {
        if (event.getType().equals(Lifecycle.AFTER_START_EVENT)) {
            tell();
        } else if (event.getType().equals(Lifecycle.AFTER_STOP_EVENT)) {
            event.getLifecycle().removeLifecycleListener(this); // its next start is another one
        }
    }

    private void tell() {
        participants.tell(LOG::info, LOG::warn);
    }
}
