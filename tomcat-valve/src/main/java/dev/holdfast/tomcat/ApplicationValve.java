package dev.holdfast.tomcat;

import dev.holdfast.session.request.RequestScope;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * The last valve of an application, behind its authenticator: what asks for the session from here on is the
 * application.
 */
final class ApplicationValve extends ValveBase {
    ApplicationValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        RequestScope scope = RequestScope.current();
        if (scope != null && scope.owner() instanceof RequestHold hold) {
            hold.applicationBegins();
        }
        getNext().invoke(request, response);
    }
}
