package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.shop.CartPage;
import com.example.shop.OrderPage;
import com.example.shop.Shop;
import com.example.shop.ShopSession;
import com.example.shop.ShopWithPages;
import dev.holdfast.codec.KryoCodec;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import dev.holdfast.testing.Docs;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.wicket.DefaultPageManagerProvider;
import org.apache.wicket.IPageManagerProvider;
import org.apache.wicket.Page;
import org.apache.wicket.WicketRuntimeException;
import org.apache.wicket.pageStore.GroupingPageStore;
import org.apache.wicket.pageStore.IPageStore;
import org.apache.wicket.pageStore.SerializedPage;
import org.apache.wicket.protocol.http.WebApplication;
import org.apache.wicket.protocol.http.mock.MockHttpSession;
import org.apache.wicket.protocol.http.servlet.UploadInfo;
import org.apache.wicket.request.mapper.parameter.PageParameters;
import org.apache.wicket.serialize.ISerializer;
import org.apache.wicket.serialize.java.JavaSerializer;
import org.apache.wicket.util.tester.DummyHomePage;
import org.apache.wicket.util.tester.FormTester;
import org.apache.wicket.util.tester.WicketTester;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Wicket keeps in a session, made by Wicket itself: the preset allows it, and neither pages nor anything else. */
class WicketPresetsTest {
    /** In an attribute of its own, which names the pages of a session on the disk of its node. */
    private static final String PAGES_ON_DISK =
            "org.apache.wicket.pageStore.AbstractPersistentPageStore$SessionAttribute";

    private static final KryoCodec DEFAULT = codec(ClassPatterns.NONE);

    private static final KryoCodec WITH_PAGES = codec(blockOfTheDocs());

    private static KryoCodec codec(ClassPatterns allow) {
        return new KryoCodec(
                WicketPresetsTest.class.getClassLoader(),
                ClassPolicy.app(
                        allow,
                        WicketPresetsTest::isOwn,
                        Set.of("com.example.shop"),
                        name -> false,
                        WicketPresetsTest::isPresent),
                line -> {});
    }

    private static ClassPatterns blockOfTheDocs() {
        String block = Docs.block("frameworks.md", "Wicket", "xml");
        return ClassPatterns.parse(Pattern.compile("<param-value>(.*?)</param-value>", Pattern.DOTALL)
                .matcher(block)
                .results()
                .findFirst()
                .orElseThrow()
                .group(1));
    }

    private static boolean isOwn(String className) {
        return className.startsWith("com.example.shop.");
    }

    /** Of Wicket alone: a library that tests bring along has a test of its own. */
    private static boolean isPresent(String className) {
        return className.startsWith("org.apache.wicket.")
                && WicketPresetsTest.class.getClassLoader().getResource(className.replace('.', '/') + ".class") != null;
    }

    /** Wicket's own, with the page store of the application, where that of Wicket's keeps all pages in memory. */
    private static final class Tester extends WicketTester {
        Tester(WebApplication application) {
            super(application);
        }

        @Override
        protected IPageManagerProvider newTestPageManagerProvider() {
            return null;
        }
    }

    /** An application that does without a session of its own, and takes what Wicket offers for its pages. */
    private static final class Plain extends WebApplication {
        @Override
        public Class<? extends Page> getHomePage() {
            return DummyHomePage.class;
        }

        @Override
        protected void init() {
            super.init();
            getStoreSettings().setEncrypted(true);
            setPageManagerProvider(new DefaultPageManagerProvider(this) {
                @Override
                protected IPageStore newCachingStore(IPageStore store) {
                    return new GroupingPageStore(super.newCachingStore(store), 2) {};
                }
            });
        }
    }

    /** @param name as the test shows it */
    record Kept(String name, Object value) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static List<Kept> attributes(String name, WicketTester tester) {
        MockHttpSession session = tester.getHttpSession();
        List<Kept> all = new ArrayList<>();
        for (String attribute : Collections.list(session.getAttributeNames())) {
            Object value = session.getAttribute(attribute);
            all.add(new Kept(name + ": " + value.getClass().getSimpleName(), value));
        }
        return all;
    }

    private static WicketTester loggedIn(Shop shop) {
        WicketTester tester = new Tester(shop);
        tester.startPage(CartPage.class);
        FormTester form = tester.newFormTester("login");
        form.setValue("user", "ada");
        form.setValue("password", "engine");
        form.submit();
        tester.assertRenderedPage(CartPage.class);
        return tester;
    }

    /** All that is in the sessions of two applications whose pages are on the disk. */
    private static List<Kept> everything() {
        WicketTester login = new Tester(new Shop());
        login.getRequest().getPostParameters().setParameterValue("item", "tea");
        login.startPage(CartPage.class, new PageParameters().add("page", 2));

        WicketTester shop = loggedIn(new Shop());
        ShopSession session = (ShopSession) shop.getSession();
        session.getClientInfo();
        session.success("tea is in your cart");
        shop.getApplication().getSecuritySettings().getCryptFactory().newCrypt();
        shop.startPage(OrderPage.class);

        WicketTester plain = new Tester(new Plain());
        plain.startPage(DummyHomePage.class);

        List<Kept> all = new ArrayList<>(attributes("login page", login));
        all.addAll(attributes("shop", shop));
        all.addAll(attributes("plain application", plain));
        all.add(new Kept("upload", new UploadInfo(10)));
        return all;
    }

    static Stream<Kept> kept() {
        return everything().stream()
                .filter(kept -> !kept.value.getClass().getName().equals(PAGES_ON_DISK));
    }

    @ParameterizedTest
    @MethodSource("kept")
    void isStoredAndReadAsItWas(Kept kept) throws Exception {
        ISerializer plain = new JavaSerializer(null);
        DEFAULT.check("a", kept.value);

        Object read = DEFAULT.decode("a", DEFAULT.encode("a", kept.value));

        assertThat(read).hasSameClassAs(kept.value);
        assertThat(plain.serialize(read)).isEqualTo(plain.serialize(plain.deserialize(plain.serialize(kept.value))));
    }

    /** A name that Wicket stores no more has no business in the list. */
    @Test
    void presetNamesWhatWicketKeepsAndNothingElse() throws Exception {
        Set<String> needed = new TreeSet<>();
        ClassPolicy learning = ClassPolicy.learn(
                ClassPatterns.NONE,
                WicketPresetsTest::isOwn,
                Set.of(),
                name -> {
                    needed.add(name);
                    return true;
                },
                name -> false,
                line -> {});
        KryoCodec codec = new KryoCodec(WicketPresetsTest.class.getClassLoader(), learning, line -> {});
        for (Kept kept : kept().toList()) {
            codec.decode("a", codec.encode("a", kept.value));
        }

        assertThat(new TreeSet<>(Presets.of(WicketPresetsTest::isPresent).list()))
                .isEqualTo(needed);
    }

    /** When such an object leaves a session, Wicket deletes the files that it names. */
    @Test
    void namesOfPagesOnTheDiskStayOnTheirNode() {
        assertThat(everything())
                .filteredOn(kept -> kept.value.getClass().getName().equals(PAGES_ON_DISK))
                .isNotEmpty()
                .allSatisfy(kept -> assertThatThrownBy(() -> DEFAULT.encode("a", kept.value))
                        .isInstanceOf(UnencodableAttributeException.class)
                        .hasMessageContaining(PAGES_ON_DISK));
    }

    private static List<Kept> withPages() {
        WicketTester tester = loggedIn(new ShopWithPages());
        tester.startPage(OrderPage.class);
        return attributes("shop with pages", tester);
    }

    @Test
    void pagesInTheSessionStayOnTheirNodeUnlessTheyAreAllowedByName() throws Exception {
        List<Kept> kept = withPages();

        assertThat(kept)
                .hasSize(2)
                .allSatisfy(each -> assertThatThrownBy(() -> DEFAULT.encode("a", each.value))
                        .isInstanceOf(UnencodableAttributeException.class)
                        .hasMessageContaining("org.apache.wicket.pageStore."));
        for (Kept each : kept) {
            byte[] stored = WITH_PAGES.encode("a", each.value);
            assertThat(WITH_PAGES.decode("a", stored)).hasSameClassAs(each.value);
            assertThatThrownBy(() -> DEFAULT.decode("a", stored)).isInstanceOf(UnreadableAttributeException.class);
        }
    }

    /** Of no application: it stands for a class of a library that does something when it is made. */
    static final class Trap implements Serializable {
        private static final long serialVersionUID = 1L;
        private static final AtomicBoolean SPRUNG = new AtomicBoolean();

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            SPRUNG.set(true);
        }
    }

    /** What Wicket makes of bytes that somebody wrote to Redis in place of a page. */
    private static Object pageOf(SerializedPage forged, ISerializer serializer) throws Exception {
        SerializedPage stored = (SerializedPage) WITH_PAGES.decode("a", WITH_PAGES.encode("a", forged));
        Trap.SPRUNG.set(false);
        return serializer.deserialize(stored.getData());
    }

    /** This is what {@code docs/frameworks.md} warns of, and the filter that it shows with it. */
    @Test
    void pagesLetInWhatTheirSerializerLetsIn() throws Exception {
        SerializedPage forged = new SerializedPage(1, new JavaSerializer(null).serialize(new Trap()));
        ISerializer filtering = new Tester(new ShopWithPages())
                .getApplication()
                .getFrameworkSettings()
                .getSerializer();

        assertThatThrownBy(() -> WITH_PAGES.encode("a", new Trap())).isInstanceOf(UnencodableAttributeException.class);
        pageOf(forged, new JavaSerializer(null));
        assertThat(Trap.SPRUNG).isTrue();
        assertThatThrownBy(() -> pageOf(forged, filtering)).isInstanceOf(WicketRuntimeException.class);
        assertThat(Trap.SPRUNG).isFalse();
    }

    @Test
    void exampleIsWhatTheDocsShow() throws IOException {
        String source = Files.readString(Path.of("src/main/java/com/example/shop/ShopWithPages.java"));

        assertThat(source)
                .contains(
                        Docs.block("frameworks.md", "Wicket", "java").indent(8).replaceAll("(?m)^ +$", ""));
    }
}
