package com.example.shop;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import org.apache.wicket.DefaultPageManagerProvider;
import org.apache.wicket.pageStore.IPageStore;
import org.apache.wicket.pageStore.InSessionPageStore;
import org.apache.wicket.serialize.java.JavaSerializer;
import org.apache.wicket.settings.RequestCycleSettings;

/** The shop for those who want its pages to go on, too. What that takes, and opens, is in docs/frameworks.md. */
public class ShopWithPages extends Shop {
    @Override
    protected void init() {
        super.init();

        // The last five pages are in the session, and none on the disk.
        setPageManagerProvider(new DefaultPageManagerProvider(this) {
            @Override
            protected IPageStore newPersistentStore() {
                return new InSessionPageStore(5);
            }

            @Override
            protected IPageStore newAsynchronousStore(IPageStore store) {
                return store;
            }
        });
        // Nothing is made of stored pages but the shop's classes, Wicket's and those of java.base.
        getFrameworkSettings().setSerializer(new JavaSerializer(getApplicationKey()) {
            @Override
            protected ObjectInputStream newObjectInputStream(InputStream in) throws IOException {
                ObjectInputStream page = super.newObjectInputStream(in);
                page.setObjectInputFilter(ObjectInputFilter.Config.createFilter(
                        "com.example.shop.**;org.apache.wicket.**;java.base/*;!*"));
                return page;
            }
        });
        // What a form has to say waits in the session until the page behind the redirect shows it.
        getRequestCycleSettings().setRenderStrategy(RequestCycleSettings.RenderStrategy.REDIRECT_TO_RENDER);
    }
}
