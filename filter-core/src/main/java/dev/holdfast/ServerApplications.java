package dev.holdfast;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.AppIdentity;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.recovery.Membership;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The applications of one server process that run, or start, each as one of its nodes. Safe for use by many threads.
 */
final class ServerApplications implements Drain.Others {
    @GuardedBy("this")
    private final List<Joined> applications = new ArrayList<>();

    private record Joined(AppIdentity identity, Membership membership) {}

    /** @throws IllegalStateException if another one has this one's name */
    synchronized void add(AppIdentity one, Membership membership) {
        for (Joined running : applications) {
            AppIdentity other = running.identity();
            if (one.app().equals(other.app()) && !one.isAtPlaceOf(other)) {
                throw new IllegalStateException("HF-135: " + one + " does not start: " + other
                        + " of this server keeps its sessions under the same name, holdfast.app = " + one.app()
                        + ". A session, or a login, of the one would be one of the other. Set holdfast.app for one"
                        + " of them, in its own web.xml: as a system property or in the environment it counts for"
                        + " all.");
            }
        }
        applications.add(new Joined(one, membership));
    }

    synchronized void remove(Membership membership) {
        applications.removeIf(application -> application.membership() == membership);
    }

    @Override
    public boolean areUnknown() {
        List<Joined> joined = all();
        return joined.isEmpty()
                || joined.stream()
                        .anyMatch(application -> !application.membership().isUpToDate());
    }

    /** By cookie or suffix, for one of them at least. */
    @Override
    public boolean areRouted() {
        return all().stream()
                .anyMatch(application -> application.membership().successors().areRouted());
    }

    @Override
    public List<String> missing() {
        return names(membership -> membership.successors().areMissing());
    }

    @Override
    public List<String> gone() {
        return names(
                membership -> membership.isUpToDate() && membership.successors().needMe());
    }

    @Override
    public List<NodeRegistry.Order> orders() {
        return all().stream()
                .flatMap(application ->
                        Stream.ofNullable(application.membership().order()))
                .toList();
    }

    private List<String> names(Predicate<Membership> which) {
        return all().stream()
                .filter(application -> which.test(application.membership()))
                .map(application -> application.identity().app())
                .distinct()
                .toList();
    }

    /** A copy: no lock is held while memberships are asked, which have one of their own. */
    private synchronized List<Joined> all() {
        return List.copyOf(applications);
    }

    /** What the doctor says of the names of node and applications. */
    List<String> findings() {
        List<String> lines = new ArrayList<>();
        List<Joined> joined = all();
        // The applications of one server have one name: what is wrong with it is said once.
        joined.stream()
                .flatMap(application -> application.membership().finding().stream())
                .limit(1)
                .forEach(lines::add);
        joined.stream()
                .flatMap(application -> application.membership().strangerFinding().stream())
                .distinct()
                .forEach(lines::add);
        return lines;
    }
}
