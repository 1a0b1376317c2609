package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.NodeRegistry.Answer;
import dev.holdfast.session.NodeRegistry.EntryKind;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What each registry of live nodes promises. */
public abstract class NodeRegistryContract {
    protected final LiveNode n1 = new LiveNode(RandomToken.next(), "n1", "host-1:8080", 0);
    protected final LiveNode n2 = new LiveNode(RandomToken.next(), "n2", "host-2:8080", 5L << 60);

    protected abstract NodeRegistry registry();

    /** Lets more time pass for the entry of a node than it lives. */
    protected abstract void letRunOut(LiveNode node);

    private Answer enter(LiveNode node, EntryKind kind) {
        return registry().enter(node, kind, new WaitBudget(Duration.ofSeconds(5)));
    }

    @Test
    public void nodeSeesTheOthersWithAllThatTheyTellAndIsKnownFromItsSecondTimeOn() {
        assertThat(enter(n1, EntryKind.FIRST).known()).isFalse();
        assertThat(enter(n2, EntryKind.FIRST).others()).containsExactly(n1);

        Answer answer = enter(n1, EntryKind.RENEWED);

        assertThat(answer.known()).isTrue();
        assertThat(answer.others()).containsExactly(n2);
        assertThat(answer.clash()).isNull();
    }

    @Test
    public void nodeThatSaysNothingForALifeTimeIsGone() {
        enter(n1, EntryKind.FIRST);
        enter(n2, EntryKind.FIRST);

        letRunOut(n1);

        assertThat(enter(n2, EntryKind.RENEWED).others()).isEmpty();
        assertThat(enter(n1, EntryKind.RENEWED).known()).isFalse();
        assertThat(enter(n2, EntryKind.RENEWED).others()).containsExactly(n1);
    }

    @Test
    public void predecessorAtTheSameAddressGivesWayAtOnce() {
        LiveNode next = new LiveNode(RandomToken.next(), "n1", n1.address(), 0);
        enter(n1, EntryKind.FIRST);
        enter(n2, EntryKind.FIRST);

        assertThat(enter(next, EntryKind.FIRST).clash()).isNull();
        assertThat(enter(n2, EntryKind.RENEWED).others()).containsExactly(next);
    }

    @Test
    public void liveNodeOfTheSameRouteKeepsAFirstOneOut() {
        LiveNode same = new LiveNode(RandomToken.next(), "n1", "host-3:8080", 0);
        enter(n1, EntryKind.FIRST);
        enter(n2, EntryKind.FIRST);

        assertThat(enter(same, EntryKind.FIRST).clash()).isEqualTo(n1);
        assertThat(enter(n2, EntryKind.RENEWED).others()).containsExactly(n1);

        letRunOut(n1);
        assertThat(enter(same, EntryKind.FIRST).clash()).isNull();
        assertThat(enter(n2, EntryKind.RENEWED).others()).contains(same);
    }

    @Test
    public void whoComesLateIsEnteredAndTold() {
        LiveNode same = new LiveNode(RandomToken.next(), "n1", "host-3:8080", 0);
        enter(n1, EntryKind.FIRST);

        assertThat(enter(same, EntryKind.LATE).clash()).isEqualTo(n1);
        assertThat(enter(n1, EntryKind.RENEWED).clash()).isEqualTo(same);
    }

    /**
     * It is deployed anew, and its entry of before could not be taken out; or two contexts have one application's
     * sessions.
     */
    @Test
    public void twoOfOneProcessAreTwoNodesAndClashNot() {
        LiveNode again = new LiveNode(n1.incarnation() + ".2", n1.route(), n1.address(), 0);
        enter(n1, EntryKind.FIRST);

        assertThat(enter(again, EntryKind.FIRST).clash()).isNull();
        assertThat(enter(again, EntryKind.RENEWED).others()).containsExactly(n1);
        Answer answer = enter(n1, EntryKind.RENEWED);
        assertThat(answer.known()).isTrue();
        assertThat(answer.others()).containsExactly(again);
        assertThat(answer.clash()).isNull();
    }

    @Test
    public void nodesWithoutARouteOfTheirOwnClashWithNobody() {
        LiveNode one = new LiveNode(RandomToken.next(), "", "host-3:8080", 0);
        LiveNode two = new LiveNode(RandomToken.next(), "", "host-4:8080", 0);
        enter(one, EntryKind.FIRST);

        Answer answer = enter(two, EntryKind.FIRST);

        assertThat(answer.clash()).isNull();
        assertThat(answer.others()).containsExactly(one);
    }

    @Test
    public void nodeTellsWhichApplicationItIsOf() {
        LiveNode tells = new LiveNode(
                RandomToken.next(), "n3", "host-3:8080", 3, new AppIdentity("shop", true, "admin.example/", "Shop"));
        enter(tells, EntryKind.FIRST);

        assertThat(enter(n1, EntryKind.FIRST).others()).containsExactly(tells);
        assertThat(enter(tells, EntryKind.RENEWED).others()).containsExactly(n1);
    }

    @Test
    public void nodeThatDrainsSaysSoAsLongAsItDoes() {
        LiveNode drains = new LiveNode(n1.incarnation(), n1.route(), n1.address(), 0, null, LiveNode.Stage.DRAINS);
        enter(drains, EntryKind.FIRST);
        assertThat(enter(n2, EntryKind.FIRST).others()).containsExactly(drains);
        assertThat(enter(drains, EntryKind.RENEWED).others()).containsExactly(n2);
        assertThat(enter(n2, EntryKind.RENEWED).others()).containsExactly(drains);

        enter(n1, EntryKind.RENEWED);

        assertThat(enter(n2, EntryKind.RENEWED).others()).containsExactly(n1);
    }

    @Test
    public void nodeThatStartsSaysSo() {
        LiveNode starts = new LiveNode(n1.incarnation(), n1.route(), n1.address(), 0, null, LiveNode.Stage.STARTS);
        enter(starts, EntryKind.FIRST);

        assertThat(enter(n2, EntryKind.FIRST).others()).containsExactly(starts);
    }

    @Test
    public void nodeThatDrainedAndDiedLeavesNothingBehind() {
        LiveNode drains = new LiveNode(n1.incarnation(), n1.route(), n1.address(), 0, null, LiveNode.Stage.DRAINS);
        enter(drains, EntryKind.FIRST);
        enter(n2, EntryKind.FIRST);

        letRunOut(n1);

        assertThat(enter(n2, EntryKind.RENEWED).others()).isEmpty();
        enter(n1, EntryKind.LATE);
        assertThat(enter(n2, EntryKind.RENEWED).others()).containsExactly(n1);
    }

    @Test
    public void whoLeavesIsGoneAtOnce() {
        enter(n1, EntryKind.FIRST);
        enter(n2, EntryKind.FIRST);

        registry().leave(n1, new WaitBudget(Duration.ofSeconds(5)));

        assertThat(enter(n2, EntryKind.RENEWED).others()).isEmpty();
    }
}
