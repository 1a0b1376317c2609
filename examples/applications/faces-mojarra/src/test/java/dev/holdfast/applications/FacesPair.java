package dev.holdfast.applications;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** An implementation of Faces and one of CDI: what the shop runs with. The tests are the same for each. */
enum FacesPair {
    MOJARRA_AND_WELD("com.sun.faces.util.LRUMap", "Mojarra with Weld", """
            WELD_S
            com.sun.faces.application.view.activeViewContexts
            com.sun.faces.application.view.activeViewMaps
            com.sun.faces.renderkit.ServerSideStateHelper.LogicalViewMap
            """, "[ada, Please begin again., ]"),

    /** Its pages have their state in themselves. */
    MYFACES_AND_OPENWEBBEANS(
            "org.apache.myfaces.context.servlet.FacesContextImpl",
            "MyFaces with OpenWebBeans",
            """
            openWebBeansSessionContext
            org.apache.myfaces.cdi.view.ViewScopeContextualStorageHolder
            """,
            "[ada, cups is in your cart., cups for 4]");

    private final String marker;
    private final String heading;
    private final String staying;
    private final String afterTheKill;

    FacesPair(String marker, String heading, String staying, String afterTheKill) {
        this.marker = marker;
        this.heading = heading;
        this.staying = staying;
        this.afterTheKill = afterTheKill;
    }

    /** The one of the class path. */
    static FacesPair present() {
        ClassLoader loader = FacesPair.class.getClassLoader();
        return Arrays.stream(values())
                .filter(pair -> loader.getResource(pair.marker.replace('.', '/') + ".class") != null)
                .findFirst()
                .orElseThrow();
    }

    /** Of docs/frameworks.md. */
    String heading() {
        return heading;
    }

    /** What the names of the attributes begin with that stay on their node as long as nothing is allowed. */
    Set<String> staying() {
        return staying.lines().collect(Collectors.toSet());
    }

    /** What is seen behind a form of a page from before the kill that adds cups. */
    String afterTheKill() {
        return afterTheKill;
    }
}
