package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.TwoNodes;
import jakarta.servlet.Filter;
import java.net.URI;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.filters.CsrfPreventionFilter;
import org.apache.catalina.filters.RestCsrfPreventionFilter;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What Tomcat's filters against forged requests have given out on one node they take on another one. */
class CsrfFailoverIT {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes =
            TwoNodes.start((name, redis) -> new EmbeddedNode(name, redis, Map.of(), CsrfFailoverIT::application));

    private static final EmbeddedNode n1 = nodes.n1();
    private static final EmbeddedNode n2 = nodes.n2();

    private static void application(Context context) {
        CsrfPreventionFilter forms = new CsrfPreventionFilter();
        forms.setEntryPoints("/form/start");
        addFilter(context, "forms", forms, "/form/*");
        addFilter(context, "rest", new RestCsrfPreventionFilter(), "/rest/*");
        Page.add(context, "/form/*", (request, response) -> {
            request.getSession();
            response.getWriter().print(response.encodeURL("/shop/form/next"));
        });
        Page.add(context, "/rest/*", (request, response) -> {
            request.getSession();
            response.getWriter().print("done");
        });
    }

    private static void addFilter(Context context, String name, Filter filter, String pattern) {
        FilterDef definition = new FilterDef();
        definition.setFilterName(name);
        definition.setFilter(filter);
        definition.setAsyncSupported("true");
        context.addFilterDef(definition);
        FilterMap mapping = new FilterMap();
        mapping.setFilterName(name);
        mapping.addURLPattern(pattern);
        context.addFilterMap(mapping);
    }

    private static String link(Answer page) {
        assertThat(page.status()).isEqualTo(200);
        return page.body().substring("/shop".length());
    }

    @Test
    void linkOfAPageOfOneNodeWorksOnTheOtherAndBack() {
        Browser browser = new Browser();
        browser.get(n1.uri("/form/start")); // the filter wants a session to be there
        String first = link(browser.get(n1.uri("/form/start")));
        assertThat(first).contains("CSRF_NONCE=");

        String second = link(browser.get(n2.uri(first)));
        String third = link(browser.get(n1.uri(second)));

        assertThat(link(browser.get(n2.uri(third)))).isNotEqualTo(third);
        assertThat(browser.get(n2.uri("/form/next")).status())
                .as("without a nonce")
                .isEqualTo(403);
    }

    @Test
    void cacheThatHasTravelledStillForgetsTheOldestNonce() {
        Browser browser = new Browser();
        browser.get(n1.uri("/form/start"));
        String oldest = link(browser.get(n1.uri("/form/start")));

        for (int i = 0; i < 6; i++) { // it keeps five
            assertThat(browser.get((i % 2 == 0 ? n2 : n1).uri("/form/start")).status())
                    .isEqualTo(200);
        }

        assertThat(browser.get(n2.uri(oldest)).status()).isEqualTo(403);
    }

    @Test
    void nonceOfTheRestFilterIsTakenByTheOtherNode() {
        Browser browser = new Browser();
        browser.get(n1.uri("/rest/cart"));
        Answer fetched = browser.request(n1.uri("/rest/cart"), "GET")
                .header("X-CSRF-Token", "Fetch")
                .send();
        String nonce = fetched.header("X-CSRF-Token");

        assertThat(post(browser, n2.uri("/rest/cart"), nonce)).isEqualTo(200);
        assertThat(post(browser, n1.uri("/rest/cart"), "forged")).isEqualTo(403);
    }

    private static int post(Browser browser, URI uri, String nonce) {
        return browser.request(uri, "POST").header("X-CSRF-Token", nonce).send().status();
    }
}
