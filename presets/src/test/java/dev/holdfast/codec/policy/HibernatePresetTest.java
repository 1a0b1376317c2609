package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.codec.KryoCodec;
import dev.holdfast.codec.policy.HibernateShop.Customer;
import dev.holdfast.codec.policy.HibernateShop.Purchase;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.hibernate.Hibernate;
import org.hibernate.LazyInitializationException;
import org.hibernate.Session;
import org.hibernate.collection.spi.AbstractPersistentCollection;
import org.hibernate.collection.spi.PersistentBag;
import org.hibernate.collection.spi.PersistentCollection;
import org.hibernate.collection.spi.PersistentIdentifierBag;
import org.hibernate.collection.spi.PersistentList;
import org.hibernate.collection.spi.PersistentMap;
import org.hibernate.collection.spi.PersistentSet;
import org.hibernate.collection.spi.PersistentSortedMap;
import org.hibernate.collection.spi.PersistentSortedSet;
import org.hibernate.proxy.HibernateProxy;
import org.hibernate.proxy.pojo.bytebuddy.SerializableProxy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Entities that Hibernate has loaded: its list allows their collections, and nothing else. */
class HibernatePresetTest {
    private static final LibraryPreset HIBERNATE = LibraryPreset.of(PersistentBag.class);

    private static final String PROXY_FORM = "org.hibernate.proxy.pojo.bytebuddy.SerializableProxy";

    private static long lastId;

    private static HibernateShop here;
    private static HibernateShop elsewhere;

    private long id;

    @BeforeAll
    static void open() {
        here = new HibernateShop();
        elsewhere = new HibernateShop();
    }

    @AfterAll
    static void close() {
        here.close();
        elsewhere.close();
    }

    @BeforeEach
    void save() {
        id = ++lastId;
        here.in(session -> {
            Customer customer = new Customer(id, "Ada");
            customer.purchases.add(new Purchase(id, "tea", customer));
            customer.tags.addAll(Set.of("regular", "tea"));
            customer.addresses.addAll(List.of("home", "work"));
            customer.points.putAll(Map.of("2025", 3, "2026", 4));
            customer.sizes.addAll(List.of("small", "large"));
            customer.ranks.putAll(Map.of("a", 1, "b", 2));
            customer.notes.addAll(List.of("likes tea", "likes tea"));
            session.persist(customer);
            return customer;
        });
    }

    private static Stream<Object> collections(Customer customer) {
        return Stream.of(
                customer.purchases,
                customer.tags,
                customer.addresses,
                customer.points,
                customer.sizes,
                customer.ranks,
                customer.notes);
    }

    private Customer find(Session session) {
        return session.find(Customer.class, id);
    }

    private Customer findWithAll(Session session) {
        Customer customer = find(session);
        collections(customer).forEach(Hibernate::initialize);
        return customer;
    }

    private Customer findAsProxy(Session session) {
        Customer customer = session.getReference(Customer.class, id);
        assertThat(customer.getClass()).isNotEqualTo(Customer.class);
        return customer;
    }

    @Test
    void collectionsAreStoredAndReadAsTheyWere() throws Exception {
        Customer customer = here.in(this::findWithAll);

        Customer read = (Customer) HIBERNATE.again(customer);

        assertThat(collections(read).<Object>map(Object::getClass))
                .containsExactly(
                        PersistentBag.class,
                        PersistentSet.class,
                        PersistentList.class,
                        PersistentMap.class,
                        PersistentSortedSet.class,
                        PersistentSortedMap.class,
                        PersistentIdentifierBag.class);
        assertThat(read).usingRecursiveComparison().isEqualTo(customer);
        assertThat(read.purchases.get(0).customer).isSameAs(read);
        assertThat(List.copyOf(read.ranks.keySet())).isEqualTo(List.of("b", "a"));
    }

    @Test
    void listNamesWhatTheseNeedAndNothingElse() throws Exception {
        Customer customer = here.in(this::findWithAll);

        assertThat(HIBERNATE.list()).isEqualTo(HIBERNATE.neededFor(Stream.of(customer)));
    }

    /** As on the node itself, once the request is over that loaded the entity. */
    @Test
    void whatWasNotLoadedStaysSo() throws Exception {
        Customer read = (Customer) HIBERNATE.again(here.in(this::find));

        assertThat(read.addresses).isEqualTo(List.of("home", "work"));
        assertThat(collections(read).filter(Hibernate::isInitialized)).containsExactly(read.addresses);
        assertThatThrownBy(read.tags::size).isInstanceOf(LazyInitializationException.class);
    }

    /** One that says so opens a session of whatever factory it names; that name is random, and in no bytes. */
    @Test
    void nothingThatIsStoredNamesTheFactoryThatCouldLoadMore() throws Exception {
        Field uuid = AbstractPersistentCollection.class.getDeclaredField("sessionFactoryUuid");
        uuid.setAccessible(true);
        Customer customer = here.in(this::find);

        for (Object collection : collections(customer).toList()) {
            assertThat(uuid.get(collection)).isNull();
        }
    }

    /** With what it was loaded with, Hibernate finds out what has changed. */
    @Test
    void anotherNodeSavesWhatWasChangedThere() throws Exception {
        Customer read = (Customer) HIBERNATE.again(here.in(this::findWithAll));
        read.name = "Ada L.";
        read.tags.remove("tea");
        read.addresses.add("garden");
        read.purchases.get(0).item = "cake";
        elsewhere.in(session -> session.merge(read));

        Customer saved = here.in(this::findWithAll);
        assertThat(saved.name).isEqualTo("Ada L.");
        assertThat(saved.tags).isEqualTo(Set.of("regular"));
        assertThat(saved.addresses).isEqualTo(List.of("home", "work", "garden"));
        assertThat(saved.purchases.get(0).item).isEqualTo("cake");
        assertThat(saved.notes).containsExactly("likes tea", "likes tea");
    }

    /** An attribute may be a collection without its entity, and is stored while the request goes on. */
    @Test
    void collectionsAreStoredByThemselvesAndWhileTheyAreInUse() throws Exception {
        here.in(session -> {
            Customer customer = findWithAll(session);
            customer.tags.add("new");
            for (Object collection : collections(customer).toList()) {
                try {
                    Object read = HIBERNATE.again(collection);
                    assertThat(read).hasSameClassAs(collection);
                    assertThat(((PersistentCollection<?>) read).wasInitialized())
                            .isTrue();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
            return customer;
        });
    }

    @Test
    void aProxyThatWasInitialisedIsStoredAsItsEntity() throws Exception {
        Customer proxy = here.in(session -> {
            Customer found = findAsProxy(session);
            Hibernate.initialize(found);
            return found;
        });

        Customer read = (Customer) HIBERNATE.again(proxy);

        assertThat(read.getClass()).isEqualTo(Customer.class);
        assertThat(read.getName()).isEqualTo("Ada");
        // Deep inside it is the same: the buyer of a purchase is the customer.
        Purchase purchase = here.in(session -> {
            Purchase found = session.find(Purchase.class, id);
            Hibernate.initialize(found.customer);
            return found;
        });
        assertThat(((Purchase) HIBERNATE.again(purchase)).customer.getName()).isEqualTo("Ada");
    }

    @Test
    void aProxyThatWasNotInitialisedIsRefused() {
        Customer proxy = here.in(this::findAsProxy);
        Purchase purchase = here.in(session -> session.find(Purchase.class, id));

        for (Object value : List.of(proxy, purchase)) {
            assertThatThrownBy(() -> HIBERNATE.codec().encode("a", value))
                    .isInstanceOf(UnencodableAttributeException.class)
                    .hasMessageStartingWith("Attribute \"a\" holds " + PROXY_FORM)
                    .hasMessageContaining(
                            ", which the class policy does not allow. Before you allow it, read what that opens up:"
                                    + " docs/frameworks.md#hibernates-proxies. Add it: ");
        }
    }

    @Test
    void aProxyThatWasNotInitialisedIsAllowedByName() throws Exception {
        KryoCodec allowing = HIBERNATE.codecAllowing(Documented.allow("HibernatePresetTest"));
        Purchase purchase;
        try (HibernateShop gone = new HibernateShop()) {
            purchase = gone.in(session -> session.find(Purchase.class, id));
        }

        Purchase read = (Purchase) allowing.decode("a", allowing.encode("a", purchase));

        assertThat(Hibernate.isInitialized(read.customer)).isFalse();
        assertThat(read.customer.getId()).isEqualTo(id);
        assertThatThrownBy(read.customer::getName).isInstanceOf(LazyInitializationException.class);
        String name = elsewhere.in(session -> session.merge(read).customer.getName());
        assertThat(name).isEqualTo("Ada");
        assertThat(Documented.names("HibernatePresetTest")).isEqualTo(HIBERNATE.neededFor(Stream.of(purchase)));
    }

    /** With it, a collection that somebody wrote would read the database. */
    @Test
    void theFormOfAProxyNamesItsFactory() {
        Customer proxy = here.in(this::findAsProxy);

        assertThat(((HibernateProxy) proxy).writeReplace())
                .isInstanceOf(SerializableProxy.class)
                .extracting("sessionFactoryUuid")
                .isNotNull();
    }

    /** A class of the application that is nothing for a session. */
    public static class Spy {
        private static int made;

        public Spy() {
            made++;
        }
    }

    /** Why its form is not in the list: whoever writes it has an object made of what no session should hold. */
    @Test
    void theFormOfAProxyMakesWhateverItNames() throws Exception {
        KryoCodec allowing = HIBERNATE.codecAllowing(Documented.allow("HibernatePresetTest"));
        Class<?>[] interfaces = {HibernateProxy.class};
        byte[] forged = allowing.encode(
                "a",
                new SerializableProxy("Spy", Spy.class, interfaces, 1L, null, "none", null, false, null, null, null));

        assertThatThrownBy(() -> HIBERNATE.codec().decode("a", forged))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessageContaining("it needs class " + PROXY_FORM + ", which the class policy does not allow.");
        assertThat(Spy.made).isZero();

        assertThat(allowing.decode("a", forged)).isInstanceOf(Spy.class);
        assertThat(Spy.made).isEqualTo(1);
    }
}
