package dev.holdfast.examples.check;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Lets many customers change their carts through the balancer while nodes are killed in turn and come back, reads every
 * cart once more at the end, and has it judged.
 */
public final class Check {

    private static final int THREADS = 8;
    private static final Duration THINKING = Duration.ofMillis(60);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final int SHORTEST_CALM_MILLIS = 200;
    private static final int LONGEST_CALM_MILLIS = 1_500;
    private static final int READS = 5;

    private final Nodes nodes;
    private final Map<String, String> containers;
    private final Plan plan;
    private final Consumer<String> progress;
    private final Random random = new Random();
    private final List<Customer> customers = new ArrayList<>();
    private final List<Kill> kills = new ArrayList<>();
    private int turn;
    private final AtomicBoolean enough = new AtomicBoolean();

    /**
     * A check that has not begun.
     *
     * @param shop address of the shop at the balancer, with a slash at the end
     * @param progress gets a line now and then
     */
    public Check(URI shop, Nodes nodes, Plan plan, Consumer<String> progress) {
        this.nodes = nodes;
        this.containers = nodes.containers();
        this.plan = plan;
        this.progress = progress;
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_LIMIT)
                .build();
        for (int i = 1; i <= plan.sessions(); i++) {
            customers.add(new Customer("s" + i, shop, client, new Random(random.nextLong())));
        }
    }

    /**
     * Runs it from the first login to the last read; takes some minutes for the usual plan.
     *
     * @throws NodeDidNotStartException if a killed node does not come back
     */
    public Verdict run() throws NodeDidNotStartException, InterruptedException {
        List<Thread> threads = startCustomers();
        try {
            killNodes();
            waitUntil(() -> acknowledged() >= plan.changes());
        } finally {
            enough.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        progress.accept("Reading " + customers.size() + " carts once more.");
        for (Customer customer : customers) {
            for (int i = 0; i < READS && !customer.read(); i++) {
                Thread.sleep(THINKING.toMillis());
            }
        }
        return Judge.judge(new History(customers.stream().map(Customer::events).toList(), kills, containers));
    }

    private List<Thread> startCustomers() {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Math.min(THREADS, customers.size()); i++) {
            List<Customer> own = new ArrayList<>();
            for (int j = i; j < customers.size(); j += THREADS) {
                own.add(customers.get(j));
            }
            long seed = random.nextLong();
            Thread thread = new Thread(() -> shop(own, new Random(seed)), "customers-" + i);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        return threads;
    }

    private void shop(List<Customer> own, Random choice) {
        try {
            for (int i = 0; !enough.get(); i = (i + 1) % own.size()) {
                Customer customer = own.get(i);
                // A person whose click failed clicks again.
                while (!customer.goOn() && !enough.get()) {
                    Thread.sleep(THINKING.toMillis());
                }
                Thread.sleep(choice.nextInt((int) THINKING.toMillis() * 2));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void killNodes() throws NodeDidNotStartException, InterruptedException {
        waitUntil(() -> customers.stream().allMatch(customer -> customer.route().isPresent()));
        progress.accept(customers.size() + " customers fill their carts.");
        for (int i = 1; i <= plan.kills(); i++) {
            Thread.sleep(SHORTEST_CALM_MILLIS + random.nextInt(LONGEST_CALM_MILLIS - SHORTEST_CALM_MILLIS));
            Optional<String> node = nextInTurn();
            if (node.isEmpty()) {
                throw new IllegalStateException("No customer's cookies name a node.");
            }
            long startedAt = System.nanoTime();
            nodes.kill(node.get());
            kills.add(new Kill(node.get(), startedAt, System.nanoTime()));
            progress.accept("Kill " + i + " of " + plan.kills() + ": " + node.get() + ", "
                    + containers.get(node.get()) + ", " + acknowledged()
                    + " changes acknowledged so far.");
            nodes.startAgain(node.get());
        }
    }

    /** What does not come about within the limit is left to the judge. */
    private static void waitUntil(BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean() && System.nanoTime() - start < LONGEST_WAIT.toNanos()) {
            Thread.sleep(THINKING.toMillis());
        }
    }

    private int acknowledged() {
        return customers.stream().mapToInt(Customer::acknowledged).sum();
    }

    /** The next node in turn that somebody is served by: killing an idle one shows nothing. */
    private Optional<String> nextInTurn() {
        Set<String> owners = customers.stream()
                .flatMap(customer -> customer.route().stream())
                .collect(Collectors.toSet());
        List<String> names = List.copyOf(containers.keySet());
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(turn++ % names.size());
            if (owners.contains(name)) {
                return Optional.of(name);
            }
        }
        return Optional.empty();
    }
}
