package dev.holdfast.costs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.MonitoredCommand;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Opened;
import dev.holdfast.testing.RedisMonitor;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import redis.clients.jedis.Jedis;

/** An application on nodes of its own, with a Redis of its own, and its customers. */
final class Site {
    static final int CUSTOMERS = 20;
    private static final int CLICKS_OF_EACH = 15;

    /** Between the last click and a look from elsewhere, where an answer waits for no other node. */
    private static final Duration ON_ITS_WAY = Duration.ofSeconds(1);

    /** What a node sends whenever a request is over, for all sessions together. */
    private static final String TOUCH = "touch.lua";

    private final Keeper keeper;
    private final Customer.Maker maker;
    private final Opened opened = new Opened();
    private final RedisProcess redis;
    private final List<TomcatProcess> nodes;

    Site(Keeper keeper, Path application, Customer.Maker maker) {
        this.keeper = keeper;
        this.maker = maker;
        redis = opened.keep(RedisProcess.start());
        nodes = keeper.start(application, redis, opened);
    }

    Keeper keeper() {
        return keeper;
    }

    private Customer customer() {
        return maker.of(List.copyOf(nodes));
    }

    /** Customers log in, click one after the other, and look whether all is there at the other node, too. */
    Round round() throws Exception {
        Set<String> before = sessions();
        List<Customer> customers = new ArrayList<>();
        for (int i = 0; i < CUSTOMERS; i++) {
            Customer customer = customer();
            customer.login();
            customers.add(customer);
        }
        List<Duration> clicks = new ArrayList<>();
        Usage begin = Usage.of(nodes, redis);
        for (int i = 0; i < CLICKS_OF_EACH; i++) {
            for (Customer customer : customers) {
                long start = System.nanoTime();
                customer.click();
                clicks.add(Duration.ofNanos(System.nanoTime() - start));
            }
        }
        Usage usage = Usage.of(nodes, redis).minus(begin);
        Set<String> made = sessions();
        made.removeAll(before);
        assertThat(made).hasSize(keeper.keys().isEmpty() ? 0 : CUSTOMERS);
        long memory = made.stream()
                .mapToLong(key -> redis.ask(jedis -> jedis.memoryUsage(key, 0)))
                .sum();
        if (!keeper.isSure()) {
            await().pollDelay(ON_ITS_WAY).until(() -> true);
        }
        int lost = 0;
        for (Customer customer : customers) {
            lost += isWholeElsewhere(customer) ? 0 : 1;
        }
        return new Round(clicks, usage, memory / CUSTOMERS, lost);
    }

    private boolean isWholeElsewhere(Customer customer) throws Exception {
        try {
            customer.checkElsewhere();
            return true;
        } catch (AssertionError e) {
            if (keeper.isSure()) {
                throw e;
            }
            return false;
        }
    }

    private Set<String> sessions() {
        return keeper.keys().isEmpty() ? new HashSet<>() : redis.ask(this::sessions);
    }

    /** But those of which a tombstone is left, because a login has given them another id. */
    private Set<String> sessions(Jedis jedis) {
        Set<String> sessions = new HashSet<>(jedis.keys(keeper.keys()));
        sessions.removeIf(key -> jedis.hexists(key, ".t"));
        return sessions;
    }

    /** What a customer does. */
    @FunctionalInterface
    interface Step {
        void take(Customer customer) throws Exception;
    }

    /** Names of the commands that each of some steps sends to Redis, without what nodes ask by themselves. */
    List<List<String>> commands(int times, Step step) throws Exception {
        Customer customer = customer();
        customer.login();
        customer.click();
        List<List<String>> commands = new ArrayList<>();
        try (RedisMonitor monitor = redis.watch()) {
            for (int i = 0; i < times; i++) {
                int begin = monitor.now();
                step.take(customer);
                commands.add(monitor.since(begin).stream()
                        .filter(command -> keeper != Keeper.HOLDFAST || command.isOfRequest())
                        .map(MonitoredCommand::name)
                        .filter(name -> !name.equals(TOUCH))
                        .toList());
            }
        }
        return commands;
    }

    /** All that the nodes have said. */
    String log() {
        return nodes.stream().map(ContainerProcess::log).reduce("", String::concat);
    }

    void close() throws Exception {
        opened.close();
    }
}
