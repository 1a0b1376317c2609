package dev.holdfast.tomcat;

import dev.holdfast.RequestCost;
import dev.holdfast.session.request.RequestScope;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;

/** Says what the sessions of a request have cost, if that is wanted. */
final class CostReport {
    private final RequestScope scope;

    private CostReport(RequestScope scope) {
        this.scope = scope;
    }

    /** For the access log, which asks when the answer has left. */
    @Override
    public String toString() {
        return scope.cost();
    }

    static void addAttribute(RequestCost wanted, Request request, RequestScope scope) {
        if (wanted.isLogged()) {
            // Where Request.getAttribute looks last: no listener of the application is told, and no list has its name.
            request.getCoyoteRequest().setAttribute(RequestCost.ATTRIBUTE, new CostReport(scope));
        }
    }

    static void addHeader(RequestCost wanted, Response response, RequestScope scope) {
        if (wanted.isInHeader()) {
            response.setHeader(RequestCost.HEADER_NAME, scope.cost());
        }
    }
}
