package dev.holdfast.affinity;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Warns once that the browser speaks https but the container does not know it, so that cookies go out without {@code
 * Secure}.
 *
 * <p>Only warns: whether a proxy's header may be believed is the container's to decide. Safe for use by many threads.
 */
final class ForwardedProtoWarning {
    private static final String HTTPS = "https";
    private static final Logger LOG = System.getLogger(ForwardedProtoWarning.class.getName());

    private final AtomicBoolean warned = new AtomicBoolean();

    /** To be called for a request that gets a session or route cookie. */
    void check(HttpServletRequest request) {
        if (warned.get() || request.isSecure()) {
            return;
        }
        String proto = request.getHeader("X-Forwarded-Proto");
        if (proto != null
                && proto.regionMatches(true, 0, HTTPS, 0, HTTPS.length())
                && warned.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "HF-302: A request arrived with X-Forwarded-Proto: https, but the container takes it for plain"
                            + " http: session and route cookies go out without Secure. Configure the container to"
                            + " believe the balancer, in Tomcat with RemoteIpValve.");
        }
    }
}
