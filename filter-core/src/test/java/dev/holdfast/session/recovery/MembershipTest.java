package dev.holdfast.session.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.AppIdentity;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.testing.InMemoryNodeRegistry;
import dev.holdfast.session.testing.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whom a node takes for there, and what it says where two have one name. */
class MembershipTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTicker ticker = new ManualTicker();
    private final InMemoryNodeRegistry registry = new InMemoryNodeRegistry(ticker);

    private Membership node(String incarnation, String route, String address) {
        return new Membership(registry, new LiveNode(incarnation, route, address, 0), ticker);
    }

    private Membership of(String incarnation, String route, String address, String application) {
        AppIdentity identity = AppIdentity.parse("ROOT", application);
        return new Membership(registry, new LiveNode(incarnation, route, address, 0, identity), ticker);
    }

    @Test
    void otherApplicationOfTheNameIsFoundWhileItIsThereByBoth() {
        Membership shop = of("a", "n1", "host-1:8080", "/;Shop");
        shop.enter();
        assertThat(shop.strangerFinding()).isEmpty();
        Membership desk = of("b", "n2", "host-2:8080", "/;Desk");
        desk.enter();
        shop.beat(0);

        assertThat(desk.strangerFinding())
                .hasValue("HF-518: Two applications keep their sessions under one name, holdfast.app = ROOT: /"
                        + " \"Desk\" here, and / \"Shop\" on the node at host-1:8080. A session, or a login, of"
                        + " the one is one of the other. Set holdfast.app for one of them; or on all nodes, if"
                        + " they are one application after all.");
        assertThat(shop.strangerFinding())
                .hasValueSatisfying(text ->
                        assertThat(text).contains("/ \"Shop\" here, and / \"Desk\" on the node at host-2:8080"));
        desk.leave();
        shop.beat(0);
        assertThat(shop.strangerFinding()).isEmpty();
    }

    @Test
    void nodesOfOneApplicationAndThoseThatDoNotTellAreNoStrangers() {
        Membership shop = of("a", "n1", "host-1:8080", "/;Shop");
        shop.enter();
        of("b", "n2", "host-2:8080", "/;Shop").enter();
        node("c", "n3", "host-3:8080").enter();

        shop.beat(0);

        assertThat(shop.others()).hasSize(2);
        assertThat(shop.strangerFinding()).isEmpty();
    }

    /** Each application has a node n1, and nobody thought of the Redis that they share. */
    @Test
    void nodeOfTheSameNameThatIsOfAnotherApplicationIsSaidToBe() {
        Membership shop = of("a", "n1", "host-1:8080", "/;Shop");
        shop.enter();
        Ticker renewing = new Ticker() {
            @Override
            public long nanos() {
                return ticker.nanos();
            }

            @Override
            public void await(long moment) {
                ticker.await(moment);
                shop.beat(0);
            }
        };
        LiveNode desk = new LiveNode("b", "n1", "host-2:8080", 0, AppIdentity.parse("ROOT", "/;Desk"));

        assertThatThrownBy(() -> new Membership(registry, desk, renewing).enter())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("HF-122: ")
                .hasMessageContaining("Two applications keep their sessions under one name, holdfast.app = ROOT");
    }

    @Test
    void whoStopsSayingSomethingIsThereUntilItWasMissedForALifeTime() {
        Membership a = node("a", "n1", "host-1:8080");
        Membership b = node("b", "n2", "host-2:8080");
        a.enter();
        b.enter();
        a.beat(0);

        ticker.advance(Lifetimes.REGISTRY.plus(SECOND));
        a.beat(0);
        assertThat(a.others()).extracting(LiveNode::incarnation).containsExactly("b");
        ticker.advance(Lifetimes.REGISTRY.minusMillis(1));
        a.beat(0);
        assertThat(a.others()).hasSize(1);
        ticker.advance(SECOND);
        a.beat(0);

        assertThat(a.others()).isEmpty();
    }

    private Membership at(String incarnation, String route, AtomicReference<LiveNode.Stage> stage) {
        return new Membership(
                registry,
                new LiveNode(incarnation, route, route + ":8080", 0, null, stage.get()),
                ticker,
                stage::get,
                order -> false);
    }

    private static AtomicReference<LiveNode.Stage> serving() {
        return new AtomicReference<>(LiveNode.Stage.SERVES);
    }

    @Test
    void sessionGoesToAnotherNodeThatIsOpenAndStays() {
        AtomicReference<LiveNode.Stage> second = serving();
        AtomicReference<LiveNode.Stage> third = serving();
        Membership a = at("a", "n1", serving());
        Membership b = at("b", "n2", second);
        Membership c = at("c", "n3", third);
        a.enter();
        assertThat(a.successors().areMissing()).isTrue();
        assertThat(a.successors().of("id")).isNull();
        b.enter();
        c.enter();
        a.beat(0);
        assertThat(a.successors().areMissing()).isFalse();
        Map<String, Integer> sessions = new TreeMap<>();
        for (int i = 0; i < 1000; i++) {
            String id = SessionId.random().value();
            assertThat(a.successors().of(id)).isEqualTo(a.successors().of(id));
            sessions.merge(a.successors().of(id), 1, Integer::sum);
        }
        assertThat(sessions)
                .containsOnlyKeys("n2", "n3")
                .allSatisfy((node, count) -> assertThat(count).isBetween(350, 650));

        third.set(LiveNode.Stage.DRAINS);
        c.beat(0);
        a.beat(0);
        assertThat(a.successors().of("id")).isEqualTo("n2");
        second.set(LiveNode.Stage.STARTS);
        b.beat(0);
        a.beat(0);
        assertThat(a.successors().of("id")).isNull();
        assertThat(a.successors().areMissing()).isTrue();
        third.set(LiveNode.Stage.SERVES);
        c.beat(0);
        b.leave();
        a.beat(0);
        assertThat(a.successors().of("id")).isEqualTo("n3");
    }

    /** Each sees that the other leaves, too; one of them has to stay, and both know which. */
    @Test
    void ofTwoThatDrainAtTheSameMomentOneHasToStay() {
        AtomicReference<LiveNode.Stage> first = serving();
        AtomicReference<LiveNode.Stage> second = serving();
        Membership a = at("a", "n1", first);
        Membership b = at("b", "n2", second);
        a.enter();
        b.enter();
        a.beat(0);
        assertThat(a.successors().needMe()).isFalse();
        assertThat(b.successors().needMe()).isFalse();

        first.set(LiveNode.Stage.DRAINS);
        second.set(LiveNode.Stage.DRAINS);
        a.beat(0);
        b.beat(0);
        a.beat(0);

        assertThat(a.successors().needMe()).isTrue();
        assertThat(b.successors().needMe()).isFalse();
        first.set(LiveNode.Stage.LEAVES); // by force: it will not come back
        a.beat(0);
        b.beat(0);
        assertThat(b.successors().needMe()).isTrue();
        first.set(LiveNode.Stage.DRAINS);
        a.beat(0);
        second.set(LiveNode.Stage.STARTS); // started again: it is of no use to anybody yet
        b.beat(0);
        a.beat(0);
        assertThat(a.successors().needMe()).isTrue();
        b.leave();
        a.beat(0);
        assertThat(a.successors().needMe()).isTrue();
    }

    /** Where Redis comes back without its data, each node enters again within a second. */
    @Test
    void nodeThatTheRegistryHasJustLostIsStillReckonedWith() {
        Membership a = at("a", "n1", serving());
        Membership b = at("b", "n2", serving());
        a.enter();
        b.enter();
        a.beat(0);
        registry.setDown(true);
        a.beat(0);
        assertThat(a.isUpToDate()).isFalse();
        registry.setDown(false);
        registry.loseData();
        a.beat(0);

        assertThat(a.isUpToDate()).isTrue();
        assertThat(a.successors().of("id")).isNull();
        assertThat(a.successors().needMe()).isFalse();
        ticker.advance(Lifetimes.REGISTRY.plus(SECOND));
        a.beat(0);
        assertThat(a.successors().needMe()).isTrue();
    }

    @Test
    void anotherVersionOnThisServerIsNoOtherNode() {
        Membership one = at("run.1", "n1", serving());
        Membership two = at("run.2", "n1", serving());
        one.enter();
        two.enter();
        one.beat(0);

        assertThat(one.others()).hasSize(1);
        assertThat(one.successors().areMissing()).isTrue();
        assertThat(one.successors().needMe()).isTrue();
    }

    @Test
    void outageForgetsNobody() {
        Membership a = node("a", "n1", "host-1:8080");
        node("b", "n2", "host-2:8080").enter();
        a.enter();
        registry.setDown(true);
        ticker.advance(Duration.ofHours(1));
        assertThat(a.beat(0)).isEqualTo(Membership.Heartbeat.NO_ANSWER);
        registry.setDown(false);
        registry.loseData();

        assertThat(a.beat(0)).isEqualTo(Membership.Heartbeat.UNKNOWN);

        assertThat(a.others()).extracting(LiveNode::incarnation).containsExactly("b");
        assertThat(a.beat(0)).isEqualTo(Membership.Heartbeat.KNOWN);
    }

    @Test
    void whileAShardIsUnsettledNobodyIsForgotten() {
        Membership a = node("a", "n1", "host-1:8080");
        a.enter();
        node("b", "n2", "host-2:8080").enter();
        a.beat(0);
        registry.loseData();
        for (int i = 0; i < 30; i++) {
            ticker.advance(SECOND);
            a.beat(4);
        }
        assertThat(a.others()).hasSize(1);

        a.beat(0);

        assertThat(a.others()).isEmpty();
    }

    @Test
    void nodeThatComesLateIsNewUntilTheOthersCanHaveComeAgain() {
        Membership first = node("a", "n1", "host-1:8080");
        first.enter();
        assertThat(first.isAlone()).isTrue();
        Membership late = node("b", "n2", "host-2:8080");
        registry.setDown(true);
        late.enter();
        ticker.advance(Duration.ofHours(1));
        assertThat(late.isNew()).isTrue();
        registry.setDown(false);
        registry.loseData();

        late.beat(0);
        assertThat(late.isNew()).isTrue();
        assertThat(late.isAlone()).isFalse();
        ticker.advance(Duration.ofMillis(1900));
        late.beat(0);
        assertThat(late.isNew()).isTrue();
        registry.loseData();
        ticker.advance(SECOND);
        late.beat(0);
        assertThat(late.isNew()).isTrue();
        ticker.advance(SECOND.multipliedBy(2));
        late.beat(0);

        assertThat(late.isNew()).isFalse();
        assertThat(late.isAlone()).isTrue();
    }

    @Test
    void killedNodeStartsAgainAtItsAddressAtOnce() {
        node("a", "n1", "host-1:8080").enter();

        node("a2", "n1", "host-1:8080").enter();

        assertThat(ticker.waits()).isEmpty();
    }

    @Test
    void killedNodeThatStartsElsewhereWaitsUntilItIsForgotten() {
        node("a", "n1", "host-1:8080").enter();

        node("a2", "n1", "host-9:8080").enter();

        assertThat(ticker.waits().stream().reduce(Duration.ZERO, Duration::plus))
                .isBetween(Lifetimes.REGISTRY, Lifetimes.REGISTRY.plus(SECOND));
    }

    @Test
    void secondLiveNodeOfANameDoesNotStart() {
        Membership a = node("a", "n1", "host-1:8080");
        a.enter();
        Ticker renewing = new Ticker() {
            @Override
            public long nanos() {
                return ticker.nanos();
            }

            @Override
            public void await(long moment) {
                ticker.await(moment);
                a.beat(0);
            }
        };

        assertThatThrownBy(() -> new Membership(registry, new LiveNode("b", "n1", "host-2:8080", 0), renewing).enter())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("HF-122: Node \"n1\" at host-2:8080 does not start: a live node at host-1:8080 has the"
                        + " same name, and the balancer could not tell them apart. Give one of them another"
                        + " holdfast.node, or stop the other one; one that was killed is forgotten after 10"
                        + " seconds.");
    }

    @Test
    void clashThatIsFoundLateIsTheDoctorsOnBothNodes() {
        Membership a = node("a", "n1", "host-1:8080");
        Membership b = node("b", "n1", "host-2:8080");
        registry.setDown(true);
        a.enter();
        b.enter();
        registry.setDown(false);
        assertThat(a.isNew()).as("not entered").isTrue();

        a.beat(0);
        assertThat(a.finding()).isEmpty();
        b.beat(0);
        a.beat(0);

        assertThat(b.finding())
                .hasValue("HF-513: Two live nodes have the name \"n1\": this one at host-2:8080 and one at host-1:8080."
                        + " The balancer sends browsers of one to the other. Give one of them another holdfast.node and"
                        + " start it again.");
        assertThat(a.finding()).hasValueSatisfying(line -> assertThat(line).contains("one at host-2:8080"));
        b.leave();
        a.beat(0);
        assertThat(a.finding()).isEmpty();
    }

    /** It stays this node's, whatever becomes of its entry, until somebody takes it back. */
    @Test
    void orderIsAnsweredAndOutlivesAnEntryThatRanOut() {
        AtomicReference<NodeRegistry.Answer> next =
                new AtomicReference<>(new NodeRegistry.Answer(false, List.of(), null));
        List<NodeRegistry.@Nullable Order> told = new ArrayList<>();
        NodeRegistry playing = new NodeRegistry() {
            @Override
            public Answer enter(LiveNode me, EntryKind kind, @Nullable Order order, WaitBudget budget) {
                told.add(order);
                return next.get();
            }

            @Override
            public void leave(LiveNode me, WaitBudget budget) {
                // nothing is kept
            }
        };
        Membership node = new Membership(
                playing, new LiveNode("a", "n1", "host:8080", 0), ticker, () -> LiveNode.Stage.SERVES, "move"::equals);
        node.enter();
        NodeRegistry.Order left = new NodeRegistry.Order("move", null);
        next.set(new NodeRegistry.Answer(true, List.of(), null, left));
        node.beat(0);
        assertThat(node.order()).isEqualTo(left);

        next.set(new NodeRegistry.Answer(false, List.of(), null));
        node.beat(0);
        assertThat(told).last().isEqualTo(new NodeRegistry.Order("move", true));
        assertThat(node.order()).isEqualTo(left);

        next.set(new NodeRegistry.Answer(true, List.of(), null));
        node.beat(0);
        assertThat(node.order()).isNull();
    }
}
