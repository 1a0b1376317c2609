package dev.holdfast.applications;

import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** An implementation of Faces and one of CDI: what the shop runs with. The tests are the same for each. */
enum FacesPair {
    MOJARRA_AND_WELD("faces-mojarra", "Mojarra with Weld", """
            WELD_S
            com.sun.faces.application.view.activeViewContexts
            com.sun.faces.application.view.activeViewMaps
            com.sun.faces.renderkit.ServerSideStateHelper.LogicalViewMap
            """, "[ada, Please begin again., ]"),

    /** Its pages have their state in themselves. */
    MYFACES_AND_OPENWEBBEANS(
            "faces-myfaces", "MyFaces with OpenWebBeans", """
            openWebBeansSessionContext
            org.apache.myfaces.cdi.view.ViewScopeContextualStorageHolder
            """, "[ada, cups is in your cart., cups for 4]");

    private final String module;
    private final String heading;
    private final String staying;
    private final String afterTheKill;

    FacesPair(String module, String heading, String staying, String afterTheKill) {
        this.module = module;
        this.heading = heading;
        this.staying = staying;
        this.afterTheKill = afterTheKill;
    }

    /** Its shop, exploded. */
    Path shop() {
        return BuiltApplication.of(module, "shop");
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
