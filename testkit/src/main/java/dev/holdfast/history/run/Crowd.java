package dev.holdfast.history.run;

import dev.holdfast.history.Action;
import dev.holdfast.history.Event;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.LogScan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Many browsers that all ask for the same, each once, as fast as it goes. */
final class Crowd {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Wire wire;
    private final Router.Way way;
    private final String application;
    private final List<ContainerProcess> nodes;
    private final List<Guest> guests = new ArrayList<>();

    /** One of them, and what it has been given. */
    private record Guest(String life, Cookies cookies) {}

    /**
     * They have no sessions yet.
     *
     * @param name what the names of their lives begin with
     */
    Crowd(Cluster cluster, Wire wire, String name, String application, Router.Way way, int size) {
        this.wire = wire;
        this.way = way;
        this.application = application;
        this.nodes = cluster.nodes();
        for (int i = 1; i <= size; i++) {
            guests.add(new Guest(name + "." + i, new Cookies()));
        }
    }

    /** Each begins a session at this node. */
    List<Event> begin(ContainerProcess node, int atATime) {
        return all(Action.START, node, atATime);
    }

    /** Each changes its session at this node. */
    List<Event> change(ContainerProcess node, int atATime) {
        return all(Action.INCREMENT, node, atATime);
    }

    /** Each looks at its session at this node. */
    List<Event> look(ContainerProcess node, int atATime) {
        return all(Action.READ, node, atATime);
    }

    private List<Event> all(Action action, ContainerProcess node, int atATime) {
        ContainerProcess other = nodes.get((nodes.indexOf(node) + 1) % nodes.size());
        Wire.Manner manner = new Wire.Manner(0, false, false, other.name(), PATIENCE);
        ExecutorService threads = Executors.newFixedThreadPool(atATime);
        try {
            List<CompletableFuture<Event>> answers = guests.stream()
                    .map(guest -> CompletableFuture.supplyAsync(() -> send(guest, action, manner), threads))
                    .toList();
            return answers.stream().map(CompletableFuture::join).toList();
        } finally {
            threads.shutdown();
        }
    }

    private Event send(Guest guest, Action action, Wire.Manner manner) {
        String subject = action == Action.INCREMENT ? HistoryServlet.COUNTERS.get(0) : "";
        String token = action == Action.START ? LogScan.SECRET + guest.life() : "";
        Wire.Order order = new Wire.Order(application, way, guest.life(), action, subject, token, false, manner);
        return wire.send(order, guest.cookies(), new Random());
    }
}
