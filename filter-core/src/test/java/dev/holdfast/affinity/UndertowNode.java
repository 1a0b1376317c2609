package dev.holdfast.affinity;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.handlers.PathHandler;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.FilterInfo;
import io.undertow.servlet.api.ServletSessionConfig;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.net.InetSocketAddress;
import java.util.EventListener;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * The demo application in an embedded Undertow, which has no reader of web.xml: the filter's declaration is read here.
 */
final class UndertowNode implements DemoNode {
    private final Undertow undertow;
    private final int port;

    private UndertowNode(Undertow undertow, int port) {
        this.undertow = undertow;
        this.port = port;
    }

    static UndertowNode start(String node) throws Exception {
        DemoApplication application = DemoApplication.build(node);
        ClassLoader loader = application.classLoader();
        Document webXml = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(application.webXml().toFile());
        String filterName = text(webXml, "filter-name");
        DeploymentInfo deployment = Servlets.deployment()
                .setClassLoader(loader)
                .setContextPath("/shop")
                .setDeploymentName("shop")
                .addInitParameter("holdfast.node", node)
                .addListener(Servlets.listener(
                        loader.loadClass(text(webXml, "listener-class")).asSubclass(EventListener.class)))
                .addFilter(new FilterInfo(
                                filterName,
                                loader.loadClass(text(webXml, "filter-class")).asSubclass(Filter.class))
                        .setAsyncSupported(Boolean.parseBoolean(text(webXml, "async-supported"))))
                .addServlet(Servlets.servlet(
                                "demo",
                                loader.loadClass(text(webXml, "servlet-class")).asSubclass(Servlet.class))
                        .setAsyncSupported(true)
                        .addMapping("/*"))
                .setServletSessionConfig(new ServletSessionConfig().setHttpOnly(true))
                .addErrorPage(Servlets.errorPage("/errorpage"));
        NodeList dispatchers = webXml.getElementsByTagName("dispatcher");
        for (int i = 0; i < dispatchers.getLength(); i++) {
            deployment.addFilterUrlMapping(
                    filterName,
                    text(webXml, "url-pattern"),
                    DispatcherType.valueOf(((Element) dispatchers.item(i)).getTextContent()));
        }
        DeploymentManager manager = Servlets.defaultContainer().addDeployment(deployment);
        manager.deploy();
        PathHandler handler = Handlers.path().addPrefixPath("/shop", manager.start());
        Undertow undertow = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setIoThreads(1)
                .setWorkerThreads(4)
                .setHandler(handler)
                .build();
        undertow.start();
        InetSocketAddress address =
                (InetSocketAddress) undertow.getListenerInfo().get(0).getAddress();
        return new UndertowNode(undertow, address.getPort());
    }

    private static String text(Document xml, String element) {
        return xml.getElementsByTagName(element).item(0).getTextContent();
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void close() {
        undertow.stop();
    }
}
