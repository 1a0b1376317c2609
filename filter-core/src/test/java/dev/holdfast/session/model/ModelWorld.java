package dev.holdfast.session.model;

import dev.holdfast.session.ClientWaits;
import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.ContainerSessions;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.copy.InvalidationLog;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.recovery.Membership;
import dev.holdfast.session.request.RequestScope;
import dev.holdfast.session.request.SessionCoordinator;
import dev.holdfast.session.testing.InMemoryNodeRegistry;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.TestOptions;
import dev.holdfast.session.testing.TestSession;
import dev.holdfast.session.testing.TextCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The real protocol code of a few nodes, one store, one browser with its cookies, and all that may happen next. A step
 * is a number; what may happen is {@link #steps}, and {@link #describe} says it in words.
 */
final class ModelWorld implements ModelStrands.Conductor {
    static final SessionId ID = new SessionId("00" + "1".repeat(32));
    static final SessionId OTHER_ID = new SessionId("00" + "2".repeat(32));
    private static final java.time.Duration FOREVER = java.time.Duration.ofDays(1);

    /** Decides how a world goes on. */
    interface Chooser {
        /** One of the world's {@link #steps}, or a negative number to stop. */
        int choose(ModelWorld world);
    }

    private enum Kind {
        SEND,
        ARRIVE,
        RESUME,
        RECEIVE,
        ASK,
        SWEEP,
        RESUME_NODE,
        LATER,
        PASS,
        LAG,
        FAIL_OVER,
        NOTICE,
        KILL,
        CUT,
        FIND,
        SETTLE,
        LOSE
    }

    private static final Kind[] KINDS = Kind.values();
    private static final ModelStrand.Option[] OPTIONS = ModelStrand.Option.values();

    private final class Place {
        final String route;
        /** Its name; the letter tells it from another of that name here. */
        final String name;

        ModelStore way;
        SessionCoordinator coordinator;

        @Nullable
        ModelStrand background;

        boolean mustNotice;
        boolean cut;
        int lives;

        Place(int number) {
            route = String.valueOf((char) ('A' + number));
            name = scenario.haveOneName() ? "A" : route;
            way = new ModelStore(ModelWorld.this, number, store);
            coordinator = start(way);
        }

        private SessionCoordinator start(ModelStore over) {
            return new SessionCoordinator(
                    over,
                    membership(),
                    new TextCodec(),
                    new Sessions(),
                    TestOptions.of(
                            name,
                            scenario.isRoaming(route),
                            SessionOptions.Conflict.REFUSE,
                            scenario.isOneAtATime(),
                            SessionOptions.Expiry.AT_LEAST_ONCE,
                            scenario.isServing() ? SessionOptions.Outage.SERVE : SessionOptions.Outage.REFUSE,
                            true,
                            FOREVER),
                    new ClientWaits(),
                    ticker,
                    scenario.rules());
        }

        private Membership membership() {
            if (!scenario.losesData()) {
                return InMemoryNodeRegistry.alone(name, route + lives++, ticker);
            }
            Membership one = new Membership(registry, new LiveNode(route + lives++, name, route + ":8080", 0), ticker);
            one.enter();
            return one;
        }

        /** Dies, and is there again with nothing in its memory. */
        void restart(int number) {
            way = new ModelStore(ModelWorld.this, number, store);
            coordinator = start(way);
            background = null;
            mustNotice = false;
            died = true;
        }
    }

    /** The container of a node; what it tells the application is judged. */
    private final class Sessions implements ContainerSessions {
        @Override
        public ContainerSession restore(
                SessionId id, SessionAccess access, SessionSnapshot snapshot, long sinceUseMillis) {
            TestSession session = session();
            session.setMaxInactive(snapshot.maxInactiveSeconds());
            session.attach(access);
            return session;
        }

        @Override
        public ContainerSession restoreExpired(
                SessionId id, SessionAccess access, SessionSnapshot snapshot, long sinceUseMillis) {
            return restore(id, access, snapshot, sinceUseMillis);
        }
    }

    private TestSession session() {
        TestSession session = new TestSession();
        session.setMaxInactive(scenario.maxInactive());
        session.onExpired(() -> {
            ModelStrand strand = ModelStrand.current();
            if (strand != null) {
                strand.pauseAt(ModelStrand.Point.OPERATION, "listener");
            }
            judge.destroyed();
        });
        return session;
    }

    private record Later(String name, Object command, Supplier<?> execution) {}

    /** One clock for all; stands still but for a step that moves it. */
    private final class Clock implements Ticker {
        private long now = java.time.Duration.ofHours(1).toNanos();

        @Override
        public long nanos() {
            return now;
        }

        @Override
        public void await(long moment) {
            ModelStrand strand = ModelStrand.current();
            if (strand != null && moment > now) {
                strand.awaitMoment(moment);
            }
        }

        @Override
        public boolean acquire(Semaphore permits, long nanos) {
            if (permits.tryAcquire()) {
                return true;
            }
            ModelStrand strand = ModelStrand.current();
            return strand != null && nanos > 0 && strand.awaitPermit(permits, copies());
        }
    }

    private final ModelScenario scenario;
    private final ModelStrands strands;
    private final Chooser chooser;
    private final ModelJudge judge = new ModelJudge(this);
    private final InMemorySessionStore store;
    private final Clock ticker = new Clock();
    private final InMemoryNodeRegistry registry = new InMemoryNodeRegistry(ticker);
    private final Place[] places;
    private final List<ModelRequest> requests = new ArrayList<>();
    private final List<Later> later = new ArrayList<>();
    private final Map<ModelScenario.Budget, Integer> budgets;
    private final ModelFingerprint print;
    private InMemorySessionStore.@Nullable Image replica;
    /**
     * Whether the last step changed what is stored: only then is it a new moment at which a replica may have stopped.
     */
    private boolean storeChanged = true;

    private @Nullable Epoch epoch;
    private @Nullable SessionId id = ID;
    private String route = "A";
    /** A node has died: what it alone had is gone. */
    private boolean died;

    ModelWorld(ModelScenario scenario, ModelStrands strands, ModelFingerprint print, Chooser chooser) {
        this.scenario = scenario;
        this.strands = strands;
        this.print = print;
        this.chooser = chooser;
        this.budgets = scenario.budgets();
        this.store = new InMemorySessionStore(scenario.storeRules());
        this.places = new Place[scenario.nodes()];
        for (int i = 0; i < places.length; i++) {
            places[i] = new Place(i);
        }
        for (int i = 0; i < scenario.programs.size(); i++) {
            requests.add(new ModelRequest(this, i, scenario.programs.get(i)));
        }
        if (scenario.losesData()) {
            store.giveGeneration(ID.shard());
            for (Place place : places) {
                place.coordinator.tick(); // has seen the others
            }
        }
        if (scenario.hasSession()) {
            begin();
        }
    }

    /** The browser has a session with {@code x=0} and {@code y=0}, made by the first node. */
    private void begin() {
        RequestScope scope = coordinator(0).begin(null, "");
        RequestScope before = scope.enter();
        create(scope, 0);
        scope.save();
        epoch = scope.sendEpoch();
        scope.finish();
        RequestScope.leave(before);
    }

    TestSession create(RequestScope scope, int node) {
        TestSession session = session();
        session.attach(coordinator(node).create(scope, ID, session));
        session.set("x", "0");
        session.set("y", "0");
        return session;
    }

    int maxInactiveSeconds() {
        return scenario.maxInactive();
    }

    /** Runs until the chooser stops it. */
    void run() {
        strands.run(this);
    }

    // ---- what the parts ask

    SessionCoordinator coordinator(int node) {
        return places[node].coordinator;
    }

    List<ModelRequest> requests() {
        return requests;
    }

    ModelJudge judge() {
        return judge;
    }

    long now() {
        return ticker.now;
    }

    /** Whether a node has lost the store. */
    boolean isCut(int node) {
        return places[node].cut;
    }

    /** Whether anything that was acknowledged at risk may be gone: given up, and told so, or with its node. */
    boolean hasGivenUp() {
        boolean given = died;
        for (Place place : places) {
            given |= place.coordinator.counters().all().get("atRiskLost") > 0;
        }
        return given;
    }

    /** Whether the session is there under its one id until it ends. */
    boolean isThereFromTheStart() {
        return scenario.hasSession() && requests.stream().noneMatch(request -> request.program.contains("Id"));
    }

    void executeLater(int node, ModelStrand.Command command) {
        later.add(new Later(places[node].route + "'s " + command.name(), command.arguments(), command.execution()));
    }

    /** Whether the session's end stands in the store. */
    boolean isEndStored() {
        return store.ended(ID) || store.ended(OTHER_ID);
    }

    /** Whether a node has died. */
    boolean hasDied() {
        return died;
    }

    /** After each command that the store executed. */
    void executed() {
        storeChanged = true;
        if (scenario.losesData() && !store.hasGeneration(ID.shard())) {
            return; // what is there now is nobody's to see
        }
        SessionSnapshot one = store.peek(ID);
        SessionSnapshot other = store.peek(OTHER_ID);
        if (one != null && other != null) {
            judge.violated("P5: the session is there under two ids");
        }
        judge.stored(one != null ? one : other);
    }

    /** A copy of what a node knows of the session now. */
    Object copiesAt(int node) {
        ProtocolContext parts = parts(node);
        NearCopy copy = parts.copies().get(ID);
        NearCopy other = parts.copies().get(OTHER_ID);
        InvalidationLog.Sent sent = parts.ended().sending(ID.shard());
        return print.record(sent, copy == null ? 0 : copy, other == null ? 0 : other);
    }

    private Object copies() {
        for (ModelRequest request : requests) {
            if (request.strand() == ModelStrand.current()) {
                return copiesAt(request.node);
            }
        }
        return "";
    }

    private ProtocolContext parts(int node) {
        return places[node].coordinator.context();
    }

    /** A request has found the session. */
    void opened(ModelRequest request) {
        judge.opened(request);
    }

    void answered(ModelRequest request, @Nullable Epoch told, boolean hasSession) {
        request.status = ModelRequest.Status.ANSWERED;
        request.answer = told;
        if (!hasSession) {
            request.newId = null;
        }
        judge.acknowledged(request);
    }

    void refused(ModelRequest request) {
        request.status = ModelRequest.Status.REFUSED;
        if (!scenario.mayRefuse()) {
            judge.violated("G: R" + request.mark() + " was refused, and nothing had failed");
        }
    }

    @Override
    public void failed(ModelStrands.Strand strand, Throwable problem) {
        judge.violated("The code failed: " + problem + " at " + problem.getStackTrace()[0]);
    }

    // ---- what may happen

    @Override
    public ModelStrands.@Nullable Strand next() {
        while (true) {
            int step = chooser.choose(this);
            if (step < 0) {
                return null;
            }
            ModelStrand strand = take(step);
            if (strand != null) {
                return strand;
            }
        }
    }

    @SuppressWarnings(
            "EnumOrdinal") // a search holds millions of steps: they are numbers, and none is kept for another run
    private static int numberOf(Enum<?> constant) {
        return constant.ordinal();
    }

    private static int step(Kind kind, int which, int how) {
        return numberOf(kind) * 10_000 + which * 100 + how;
    }

    boolean isOver() {
        for (ModelRequest request : requests) {
            if (!request.isOver()) {
                return false;
            }
        }
        return true;
    }

    private boolean may(ModelScenario.Budget budget) {
        return budgets.getOrDefault(budget, 0) != 0;
    }

    private void spend(ModelScenario.Budget budget) {
        budgets.computeIfPresent(budget, (b, left) -> Math.max(left - 1, Math.min(left, 0)));
    }

    /**
     * All steps that may come next.
     *
     * @param found gets them
     * @return how many there are
     */
    int steps(int[] found) {
        int n = 0;
        if (!isOver()) {
            for (ModelRequest request : requests) {
                n = steps(request, found, n);
            }
            for (int node = 0; node < places.length; node++) {
                n = stepsOfNode(node, found, n);
            }
            if (may(ModelScenario.Budget.LOSE)) {
                found[n++] = step(Kind.LOSE, 0, 0);
            }
            if (may(ModelScenario.Budget.TIME)) {
                found[n++] = step(Kind.PASS, 0, 0);
            }
            if (replica != null) {
                found[n++] = step(Kind.FAIL_OVER, 0, 0);
            } else if (may(ModelScenario.Budget.FAILOVER) && storeChanged) {
                found[n++] = step(Kind.LAG, 0, 0);
            }
        } else if (scenario.isServing()) {
            n = stepsOfSettling(found, n);
        }
        for (int i = 0; i < later.size(); i++) {
            found[n++] = step(Kind.LATER, i, 0);
        }
        return n;
    }

    private int steps(ModelRequest request, int[] found, int from) {
        int n = from;
        switch (request.status) {
            case UNSENT -> {
                for (ModelRequest other : requests) {
                    if (other.number < request.number
                            && other.status == ModelRequest.Status.UNSENT
                            && other.program.equals(request.program)) {
                        return n; // one like the other
                    }
                }
                for (int node = 0; node < places.length; node++) {
                    if (scenario.isAnyNode() || places[node].route.equals(route) || may(ModelScenario.Budget.FLIP)) {
                        found[n++] = step(Kind.SEND, request.number, node);
                    }
                }
            }
            case SENT -> found[n++] = step(Kind.ARRIVE, request.number, 0);
            case RUNNING -> n = steps(request.strand(), places[request.node], Kind.RESUME, request.number, found, n);
            case ANSWERED -> found[n++] = step(Kind.RECEIVE, request.number, 0);
            case RECEIVED, REFUSED, FAILED -> {}
        }
        return n;
    }

    private int steps(@Nullable ModelStrand strand, Place place, Kind kind, int which, int[] found, int from) {
        int n = from;
        if (strand == null) {
            throw new IllegalStateException("Runs without a strand");
        }
        boolean broken = place.mustNotice && strand.point() == ModelStrand.Point.SENT;
        boolean asks = strand.label().equals("ask");
        boolean toStore = strand.point() == ModelStrand.Point.SENT || strand.point() == ModelStrand.Point.EXECUTED;
        if (place.cut && toStore) {
            // What was on its way may arrive; no answer does.
            if (strand.point() == ModelStrand.Point.SENT && !asks) {
                found[n++] = step(kind, which, numberOf(ModelStrand.Option.GO));
            }
            found[n++] = step(kind, which, numberOf(ModelStrand.Option.LOST));
            return n;
        }
        if (strand.mayGo(now()) && !broken) {
            found[n++] = step(kind, which, numberOf(ModelStrand.Option.GO));
        }
        boolean mayLose = broken
                || switch (strand.point()) {
                    case SENT -> asks && may(ModelScenario.Budget.ASK_FAILS);
                    case EXECUTED -> asks ? may(ModelScenario.Budget.ASK_FAILS) : may(ModelScenario.Budget.LOST);
                    case LOCK -> may(ModelScenario.Budget.GIVE_UP);
                    case OPERATION, TIME -> false;
                };
        if (mayLose) {
            found[n++] = step(kind, which, numberOf(ModelStrand.Option.LOST));
        }
        if (strand.point() == ModelStrand.Point.SENT && !asks && may(ModelScenario.Budget.LATE)) {
            found[n++] = step(kind, which, numberOf(ModelStrand.Option.LATE));
        }
        if (strand.point() == ModelStrand.Point.SENT && !asks && !broken && may(ModelScenario.Budget.REFUSE)) {
            found[n++] = step(kind, which, numberOf(ModelStrand.Option.REFUSED));
        }
        return n;
    }

    /** All requests are over; what was acknowledged at risk is saved or given up. */
    private int stepsOfSettling(int[] found, int from) {
        int n = from;
        for (int node = 0; node < places.length; node++) {
            Place place = places[node];
            if (place.cut) {
                found[n++] = step(Kind.FIND, node, 0);
            } else if (place.background != null) {
                n = steps(place.background, place, Kind.RESUME_NODE, node, found, n);
            } else if (place.coordinator.atRisk() > 0 || isUnsettled()) {
                found[n++] = step(Kind.SETTLE, node, 0);
            }
        }
        return n;
    }

    private int stepsOfNode(int node, int[] found, int from) {
        int n = from;
        Place place = places[node];
        if (place.cut) {
            found[n++] = step(Kind.FIND, node, 0);
        } else if (may(ModelScenario.Budget.CUT)) {
            found[n++] = step(Kind.CUT, node, 0);
        } else if (scenario.isServing() && place.background == null && place.coordinator.atRisk() > 0) {
            found[n++] = step(Kind.SETTLE, node, 0);
        }
        if (place.background != null) {
            n = steps(place.background, place, Kind.RESUME_NODE, node, found, n);
        } else if (may(ModelScenario.Budget.ASK)
                && !place.mustNotice
                && !place.coordinator.copies().isEmpty()) {
            found[n++] = step(Kind.ASK, node, 0);
        }
        if (place.background == null && may(ModelScenario.Budget.SWEEP) && !place.mustNotice) {
            found[n++] = step(Kind.SWEEP, node, 0);
        }
        if (place.mustNotice) {
            found[n++] = step(Kind.NOTICE, node, 0);
        }
        if (place.background == null && isUnsettled()) {
            found[n++] = step(Kind.SETTLE, node, 0);
        }
        if (may(ModelScenario.Budget.KILL)) {
            found[n++] = step(Kind.KILL, node, 0);
        }
        return n;
    }

    /** Whether any node knows that the store has lost its data. */
    private boolean isUnsettled() {
        if (!scenario.losesData()) {
            return false;
        }
        for (int node = 0; node < places.length; node++) {
            if (parts(node).shards().unsettled() != 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether a step is one of a request or a node that goes on as it should, or time that passes. */
    static boolean isOrdinary(int step) {
        return switch (KINDS[step / 10_000]) {
            case SEND, ARRIVE, RECEIVE, PASS, NOTICE, LATER, FIND, SETTLE -> true;
            case RESUME, RESUME_NODE -> step % 100 == numberOf(ModelStrand.Option.GO);
            case ASK, SWEEP, LAG, FAIL_OVER, KILL, CUT, LOSE -> false;
        };
    }

    /** A step in words. */
    String describe(int step) {
        int which = step / 100 % 100;
        int how = step % 100;
        return switch (KINDS[step / 10_000]) {
            case SEND -> "R" + (which + 1) + " is sent to " + places[how].route;
            case ARRIVE -> "R" + (which + 1) + " arrives";
            case RESUME ->
                "R" + (which + 1) + " " + describe(requests.get(which).strand(), OPTIONS[how]);
            case RECEIVE -> "R" + (which + 1) + " is received";
            case ASK -> places[which].route + " asks";
            case SWEEP -> places[which].route + " looks for idle sessions";
            case RESUME_NODE -> places[which].route + " " + describe(places[which].background, OPTIONS[how]);
            case LATER -> later.get(which).name() + " is executed late";
            case PASS -> "time passes";
            case LAG -> "the replica stops here";
            case FAIL_OVER -> "the replica takes over";
            case NOTICE -> places[which].route + " notices";
            case KILL -> places[which].route + " is killed";
            case CUT -> places[which].route + " loses the store";
            case FIND -> places[which].route + " finds the store";
            case SETTLE -> places[which].route + " settles";
            case LOSE -> "the store loses all";
        };
    }

    private static String describe(@Nullable ModelStrand strand, ModelStrand.Option option) {
        if (strand == null) {
            throw new IllegalStateException("Runs without a strand");
        }
        String what = strand.label();
        return switch (strand.point()) {
            case OPERATION -> "goes on: " + what;
            case SENT ->
                what
                        + switch (option) {
                            case GO -> " executed";
                            case LOST -> " never arrives";
                            case LATE -> " times out";
                            case REFUSED -> " is refused";
                        };
            case EXECUTED -> what + (option == ModelStrand.Option.GO ? " answered" : " answer lost");
            case LOCK -> option == ModelStrand.Option.GO ? "gets the lock" : "gives up waiting";
            case TIME -> "waited";
        };
    }

    /** Takes a step; returns the strand that is to go on for it. */
    private @Nullable ModelStrand take(int step) {
        int which = step / 100 % 100;
        int how = step % 100;
        storeChanged = false;
        switch (KINDS[step / 10_000]) {
            case SEND -> send(requests.get(which), how);
            case ARRIVE -> {
                return requests.get(which).arrive(strands);
            }
            case RESUME -> {
                return going(requests.get(which).strand(), how, places[requests.get(which).node].cut);
            }
            case RECEIVE -> receive(requests.get(which));
            case ASK -> {
                spend(ModelScenario.Budget.ASK);
                Place place = places[which];
                place.background = new ModelStrand(strands, () -> background(place));
                return place.background;
            }
            case SWEEP -> {
                spend(ModelScenario.Budget.SWEEP);
                Place place = places[which];
                place.background = new ModelStrand(strands, () -> sweep(place));
                return place.background;
            }
            case RESUME_NODE -> {
                return going(places[which].background, how, places[which].cut);
            }
            case LATER -> {
                Object nobodyWaitsFor = later.remove(which).execution().get();
                storeChanged |= nobodyWaitsFor != null;
                executed();
            }
            case PASS -> {
                spend(ModelScenario.Budget.TIME);
                ticker.now += scenario.step().toNanos();
                store.advance(scenario.step());
            }
            case LAG -> {
                spend(ModelScenario.Budget.FAILOVER);
                replica = store.image();
            }
            case FAIL_OVER -> failOver();
            case NOTICE -> {
                places[which].mustNotice = false;
                places[which].way.noticeOtherPrimary();
            }
            case KILL -> kill(which);
            case CUT -> {
                spend(ModelScenario.Budget.CUT);
                places[which].cut = true;
            }
            case FIND -> places[which].cut = false;
            case LOSE -> {
                spend(ModelScenario.Budget.LOSE);
                store.loseData();
                judge.lostAll();
            }
            case SETTLE -> {
                Place place = places[which];
                place.background = new ModelStrand(strands, () -> background(place));
                return place.background;
            }
        }
        return null;
    }

    private ModelStrand going(@Nullable ModelStrand strand, int how, boolean cut) {
        if (strand == null) {
            throw new IllegalStateException("Runs without a strand");
        }
        ModelStrand.Option option = OPTIONS[how];
        if (option == ModelStrand.Option.LATE) {
            spend(ModelScenario.Budget.LATE);
        } else if (option == ModelStrand.Option.REFUSED) {
            spend(ModelScenario.Budget.REFUSE);
        } else if (option == ModelStrand.Option.LOST && !cut) {
            if (strand.label().equals("ask")) {
                spend(ModelScenario.Budget.ASK_FAILS);
            } else if (strand.point() == ModelStrand.Point.EXECUTED) {
                spend(ModelScenario.Budget.LOST);
            } else if (strand.point() == ModelStrand.Point.LOCK) {
                spend(ModelScenario.Budget.GIVE_UP);
            }
        }
        return strand.going(option);
    }

    private static void sweep(Place place) {
        place.coordinator.expireIdle();
        place.background = null;
    }

    private static void background(Place place) {
        place.coordinator.tick();
        place.coordinator.saveOwed();
        place.background = null;
    }

    private void send(ModelRequest request, int node) {
        if (!scenario.isAnyNode() && !places[node].route.equals(route)) {
            spend(ModelScenario.Budget.FLIP);
        }
        request.status = ModelRequest.Status.SENT;
        request.node = node;
        request.presented = epoch;
        request.presentedId = id;
        request.presentedRoute = route;
        request.sentAt = now();
        for (ModelRequest other : requests) {
            if (other.status == ModelRequest.Status.RECEIVED) {
                request.receivedBefore |= 1 << other.number;
            }
        }
    }

    private void receive(ModelRequest request) {
        request.status = ModelRequest.Status.RECEIVED;
        if (request.answer != null) {
            epoch = request.answer;
        }
        if (request.newId != null) {
            id = request.newId;
        }
        String served = places[request.node].route;
        // No header could tell, or nobody cares.
        if (!request.beginsBefore && !scenario.isRoaming(served) && !served.equals(request.presentedRoute)) {
            route = served;
        }
    }

    private void failOver() {
        if (replica == null) {
            throw new IllegalStateException("No replica");
        }
        store.restore(replica);
        replica = null;
        for (Place place : places) {
            place.mustNotice = scenario.isNoticed();
        }
        SessionSnapshot one = store.peek(ID);
        judge.wentBack(one != null ? one : store.peek(OTHER_ID));
    }

    private void kill(int node) {
        spend(ModelScenario.Budget.KILL);
        for (ModelRequest request : requests) {
            if (request.node == node
                    && (request.status == ModelRequest.Status.SENT || request.status == ModelRequest.Status.RUNNING)) {
                request.status = ModelRequest.Status.FAILED;
                ModelStrand strand = request.strand();
                ModelStrand.Command command = strand == null ? null : strand.underWay();
                if (command != null) {
                    executeLater(node, command);
                }
            }
        }
        places[node].restart(node);
    }

    // ---- the whole state

    long fingerprint() {
        print.clear();
        print.add(store.image());
        for (Place place : places) {
            print.add(place.coordinator);
            print.addNumber((place.mustNotice ? 1 : 0) + (place.cut ? 2 : 0));
            if (place.background != null) {
                place.background.fingerprint(print);
            }
        }
        for (ModelRequest request : requests) {
            request.fingerprint(print);
        }
        judge.fingerprint(print);
        print.add(epoch);
        print.add(id);
        print.addText(route);
        print.add(budgets);
        later.forEach(command -> {
            print.addText(command.name());
            print.add(command.command());
        });
        print.add(replica);
        if (scenario.losesData()) {
            print.add(registry);
        }
        print.addNumber(ticker.now + (storeChanged && may(ModelScenario.Budget.FAILOVER) ? 1 : 0));
        return print.value();
    }
}
