package dev.holdfast.session.model;

import dev.holdfast.session.copy.Rules;
import dev.holdfast.session.testing.StoreRules;
import dev.holdfast.session.testing.TestSession;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What one search explores: the requests of one browser, and what may happen to them, how often.
 *
 * <p>A request is written as its operations: {@code Ux} reads x and writes it in one step, {@code Wx} writes it without
 * reading, {@code Rx} reads it, {@code Is} ends the session, {@code Id} changes its id, {@code Nx} makes a new one;
 * {@code !} in front: its headers leave before it looks at the session.
 */
final class ModelScenario {
    /** What may happen a limited number of times. */
    enum Budget {
        /** A request goes to a node that its cookie does not name. */
        FLIP,
        /** A node dies and comes back empty; what it had sent may be executed later. */
        KILL,
        /** The reply to a command is lost. */
        LOST,
        /** A command is not answered in time, and executed at any later moment. */
        LATE,
        /** The store refuses a command, and says so. */
        REFUSE,
        /** A node asks the ended log. */
        ASK,
        /** A question fails, executed or not. */
        ASK_FAILS,
        /** Time passes. */
        TIME,
        /** Redis goes on with an older state of its own. */
        FAILOVER,
        /** A request gives up waiting for a neighbour's call. */
        GIVE_UP,
        /** A node looks for sessions that were idle for too long. */
        SWEEP,
        /** A node loses the store; it may find it again at any later moment. */
        CUT,
        /** The store loses all that it has. */
        LOSE
    }

    final String name;
    final List<String> programs;
    private final Map<Budget, Integer> budgets = new EnumMap<>(Budget.class);
    private int nodes = 2;
    private Rules rules = Rules.ALL;
    private boolean noticed = true;
    private StoreRules storeRules = StoreRules.ALL;
    private int maxInactive = TestSession.MAX_INACTIVE;
    private boolean session = true;
    private boolean anyNode;
    private boolean oneAtATime;
    private boolean oneName;
    private boolean serving;
    private String roaming = "";
    private boolean refusalsAllowed;
    private Duration step = Duration.ofMillis(1100);
    private List<String> prepared = List.of();

    /** @param programs separated by blanks */
    ModelScenario(String name, String programs) {
        this.name = name;
        this.programs = List.of(programs.split(" "));
    }

    ModelScenario with(Budget budget, int times) {
        budgets.put(budget, times);
        refusalsAllowed |= budget != Budget.ASK && budget != Budget.TIME && budget != Budget.SWEEP;
        return this;
    }

    ModelScenario nodes(int number) {
        nodes = number;
        return this;
    }

    /** With a rule switched off. */
    ModelScenario rules(Rules other) {
        rules = other;
        return this;
    }

    /** With a rule of the store switched off. */
    ModelScenario storeRules(StoreRules other) {
        storeRules = other;
        return this;
    }

    StoreRules storeRules() {
        return storeRules;
    }

    /** The session's timeout in seconds. */
    ModelScenario maxInactive(int seconds) {
        maxInactive = seconds;
        return this;
    }

    int maxInactive() {
        return maxInactive;
    }

    /** There is no session to begin with; a request makes it with {@code Nx}. */
    ModelScenario withoutSession() {
        session = false;
        return this;
    }

    boolean hasSession() {
        return session;
    }

    /** A failover happens behind something that hides it. */
    ModelScenario hidden() {
        noticed = false;
        return this;
    }

    /** The balancer follows no cookie. */
    ModelScenario anyNode() {
        anyNode = true;
        refusalsAllowed = true;
        return this;
    }

    /** Nodes go on while they cannot reach the store. */
    ModelScenario serving() {
        serving = true;
        return this;
    }

    boolean isServing() {
        return serving;
    }

    /** Whether the store may lose all that it has: then nodes know each other, and settle. */
    boolean losesData() {
        return budgets.containsKey(Budget.LOSE);
    }

    /** Nodes that never trust, by the letters of their names. */
    ModelScenario roaming(String names) {
        roaming = names;
        return this;
    }

    /** All nodes have the name of the first: one was taken for dead, and replaced, or cloned. */
    ModelScenario oneName() {
        oneName = true;
        return this;
    }

    boolean haveOneName() {
        return oneName;
    }

    /** Requests queue at each node. */
    ModelScenario oneAtATime() {
        oneAtATime = true;
        return this;
    }

    boolean isOneAtATime() {
        return oneAtATime;
    }

    /** How long a step of time is. */
    ModelScenario step(Duration length) {
        step = length;
        return this;
    }

    /**
     * Steps that come first; the search begins behind them.
     *
     * @param steps in the words of {@link ModelWorld#describe}, between semicolons or ends of lines
     */
    ModelScenario after(String steps) {
        prepared = List.of(steps.strip().split(";\\s*|\\n\\s*"));
        return this;
    }

    List<String> prepared() {
        return prepared;
    }

    /** A copy, to be spent. */
    Map<Budget, Integer> budgets() {
        Map<Budget, Integer> copy = new EnumMap<>(Budget.class);
        copy.putAll(budgets);
        return copy;
    }

    int nodes() {
        return nodes;
    }

    Rules rules() {
        return rules;
    }

    boolean isNoticed() {
        return noticed;
    }

    boolean isAnyNode() {
        return anyNode;
    }

    boolean isRoaming(String route) {
        return roaming.contains(route);
    }

    /** Whether a fault may happen, so that a request may be refused. */
    boolean mayRefuse() {
        return refusalsAllowed;
    }

    Duration step() {
        return step;
    }

    @Override
    public String toString() {
        return name + " " + String.join("/", programs);
    }
}
