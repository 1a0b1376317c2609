package dev.holdfast.codec.policy;

import jakarta.persistence.CascadeType;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OrderColumn;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.annotations.CollectionId;
import org.hibernate.annotations.CollectionIdJavaType;
import org.hibernate.annotations.SortComparator;
import org.hibernate.annotations.SortNatural;
import org.hibernate.cfg.Configuration;
import org.hibernate.type.descriptor.java.LongJavaType;

/** One node's Hibernate, with a database in memory that all nodes share. */
final class HibernateShop implements AutoCloseable {
    private final SessionFactory sessions;

    HibernateShop() {
        sessions = new Configuration()
                .addAnnotatedClass(Customer.class)
                .addAnnotatedClass(Purchase.class)
                .setProperty("hibernate.connection.url", "jdbc:h2:mem:presets;DB_CLOSE_DELAY=-1")
                .setProperty("hibernate.hbm2ddl.auto", "update")
                .buildSessionFactory();
    }

    /** Within one transaction: what is returned is detached from then on. */
    <T> T in(Function<Session, T> work) {
        return sessions.fromTransaction(work);
    }

    @Override
    public void close() {
        sessions.close();
    }

    @Entity(name = "Customer")
    public static class Customer implements Serializable {
        private static final long serialVersionUID = 1L;

        @Id
        Long id;

        String name;

        @OneToMany(mappedBy = "customer", cascade = CascadeType.ALL)
        List<Purchase> purchases = new ArrayList<>();

        @ElementCollection
        Set<String> tags = new HashSet<>();

        @ElementCollection(fetch = FetchType.EAGER)
        @OrderColumn
        List<String> addresses = new ArrayList<>();

        @ElementCollection
        Map<String, Integer> points = new HashMap<>();

        @ElementCollection
        @SortNatural
        SortedSet<String> sizes = new TreeSet<>();

        @ElementCollection
        @SortComparator(Backwards.class)
        SortedMap<String, Integer> ranks = new TreeMap<>(new Backwards());

        @ElementCollection
        @CollectionId(column = @Column(name = "note_id"), generator = "increment")
        @CollectionIdJavaType(LongJavaType.class)
        Collection<String> notes = new ArrayList<>();

        protected Customer() {}

        Customer(long id, String name) {
            this.id = id;
            this.name = name;
        }

        public Long getId() {
            return id;
        }

        public String getName() {
            return name;
        }
    }

    @Entity(name = "Purchase")
    public static class Purchase implements Serializable {
        private static final long serialVersionUID = 1L;

        @Id
        Long id;

        String item;

        @ManyToOne(fetch = FetchType.LAZY)
        Customer customer;

        protected Purchase() {}

        Purchase(long id, String item, Customer customer) {
            this.id = id;
            this.item = item;
            this.customer = customer;
        }
    }

    public static final class Backwards implements Comparator<String>, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public int compare(String one, String other) {
            return other.compareTo(one);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Backwards;
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }
}
