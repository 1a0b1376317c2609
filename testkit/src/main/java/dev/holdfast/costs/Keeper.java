package dev.holdfast.costs;

import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.Opened;
import dev.holdfast.testing.Ports;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Who keeps the sessions of an application on Tomcat 10.1, each with its own defaults. */
public enum Keeper {
    /** In the memory of one node: what all others are compared with. */
    STANDARD_MANAGER("Tomcat's own manager", "") {
        @Override
        List<TomcatProcess> nodes(Path application, RedisProcess redis) {
            return List.of(node("n1", application).prepare());
        }
    },

    /** On two nodes. */
    HOLDFAST("Holdfast", Keeper.OF_HOLDFAST) {
        @Override
        List<TomcatProcess> nodes(Path application, RedisProcess redis) {
            return withHoldfast(application, redis, "cookie");
        }
    },

    /** The same behind a balancer that sends a browser anywhere. */
    HOLDFAST_ROAMING("Holdfast, `affinity=none`", Keeper.OF_HOLDFAST) {
        @Override
        List<TomcatProcess> nodes(Path application, RedisProcess redis) {
            return withHoldfast(application, redis, "none");
        }
    },

    /** On two nodes, each of which has all sessions; a change is on its way when the answer is given. */
    DELTA_MANAGER("DeltaManager", "") {
        @Override
        List<TomcatProcess> nodes(Path application, RedisProcess redis) {
            return cluster(application, ASYNCHRONOUS);
        }

        /** Some sessions were not there a second later, either: docs/frameworks.md says how many. */
        @Override
        boolean isSure() {
            return false;
        }
    },

    /** The same, but that the answer waits until the other node has the change. */
    DELTA_MANAGER_WAITING("DeltaManager, `channelSendOptions=6`", "") {
        @Override
        List<TomcatProcess> nodes(Path application, RedisProcess redis) {
            return cluster(application, ACKNOWLEDGED);
        }
    },

    /** On two nodes, in the application itself: Spring Session Data Redis. */
    SPRING_SESSION("Spring Session", SpringSession.KEYS) {
        @Override
        List<TomcatProcess> nodes(Path application, RedisProcess redis) {
            return withSpringSession(application, redis, "ON_SET_ATTRIBUTE");
        }
    },

    /** The same, but that it also saves what a request has read, for who changes that and sets it no more. */
    SPRING_SESSION_OF_READ("Spring Session, `ON_GET_ATTRIBUTE`", SpringSession.KEYS) {
        @Override
        List<TomcatProcess> nodes(Path application, RedisProcess redis) {
            return withSpringSession(application, redis, "ON_GET_ATTRIBUTE");
        }
    },

    /** On two nodes: Redisson's manager of Tomcat's sessions, with the modes that it has by default. */
    REDISSON("Redisson's manager", Redisson.KEYS) {
        @Override
        List<TomcatProcess> nodes(Path application, RedisProcess redis) {
            Path with = Redisson.in(application, redis);
            List<TomcatProcess> nodes = new ArrayList<>();
            for (String name : List.of("n1", "n2")) {
                TomcatProcess.Builder node = node(name, with);
                Redisson.libraries().forEach(node::library);
                nodes.add(node.prepare());
            }
            return nodes;
        }
    };

    /** Where the application is. */
    public static final String PATH = "shop";

    private static final String OF_HOLDFAST = "{hf:*:s:*";

    /** As Tomcat's documents show it, but that each node is told of the other one: not every machine has multicast. */
    private static final String CLUSTER = """
            <Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster" channelSendOptions="%d">
              <Manager className="org.apache.catalina.ha.session.DeltaManager"/>
              <Channel className="org.apache.catalina.tribes.group.GroupChannel">
                <Membership className="org.apache.catalina.tribes.membership.StaticMembershipService">
                  <LocalMember className="org.apache.catalina.tribes.membership.StaticMember"
                               domain="costs" uniqueId="{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,%d}"/>
                  <Member className="org.apache.catalina.tribes.membership.StaticMember"
                          host="127.0.0.1" port="%d"
                          domain="costs" uniqueId="{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,%d}"/>
                </Membership>
                <Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver"
                          address="127.0.0.1" port="%d" autoBind="0"/>
                <Sender className="org.apache.catalina.tribes.transport.ReplicationTransmitter">
                  <Transport className="org.apache.catalina.tribes.transport.nio.PooledParallelSender"/>
                </Sender>
                <Interceptor className="org.apache.catalina.tribes.group.interceptors.TcpFailureDetector"/>
                <Interceptor className="org.apache.catalina.tribes.group.interceptors.MessageDispatchInterceptor"/>
              </Channel>
              <Valve className="org.apache.catalina.ha.tcp.ReplicationValve" filter=""/>
              <ClusterListener className="org.apache.catalina.ha.session.ClusterSessionListener"/>
            </Cluster>
            """;

    /** Tomcat's default. */
    private static final int ASYNCHRONOUS = 8;

    private static final int ACKNOWLEDGED = 6;

    private final String title;
    private final String keys;

    Keeper(String title, String keys) {
        this.title = title;
        this.keys = keys;
    }

    /** Nodes that are not started yet. */
    abstract List<TomcatProcess> nodes(Path application, RedisProcess redis);

    /** Starts its nodes, and waits until they answer; they end with what keeps them. */
    public List<TomcatProcess> start(Path application, RedisProcess redis, Opened opened) {
        List<TomcatProcess> nodes =
                nodes(application, redis).stream().map(opened::keep).toList();
        nodes.forEach(ContainerProcess::launch);
        nodes.forEach(ContainerProcess::awaitAnswer);
        return nodes;
    }

    /** As a reader knows it. */
    public String title() {
        return title;
    }

    /** Pattern of the keys of sessions; empty if they are not in Redis. */
    String keys() {
        return keys;
    }

    /** Whether another node has all that was acknowledged. */
    boolean isSure() {
        return true;
    }

    private static List<TomcatProcess> withHoldfast(Path application, RedisProcess redis, String affinity) {
        List<TomcatProcess> nodes = new ArrayList<>();
        for (String name : List.of("n1", "n2")) {
            nodes.add(node(name, application)
                    .library(CommitWays.jarOf("tomcat-valve"))
                    .property("holdfast.redis", redis.uri().toString())
                    .property("holdfast.node", name)
                    .property("holdfast.apps", PATH)
                    .property("holdfast.affinity", affinity)
                    .prepare());
        }
        return nodes;
    }

    private static List<TomcatProcess> cluster(Path application, int sendOptions) {
        Path distributable = ExplodedApplication.copyOf(application)
                .inWebXml("<distributable/>")
                .path();
        int[] ports = {Ports.free(), Ports.free()};
        List<TomcatProcess> nodes = new ArrayList<>();
        for (int i = 0; i < ports.length; i++) {
            nodes.add(node("n" + (i + 1), distributable)
                    .inEngine(CLUSTER.formatted(sendOptions, i + 1, ports[1 - i], 2 - i, ports[i]))
                    .prepare());
        }
        return nodes;
    }

    private static List<TomcatProcess> withSpringSession(Path application, RedisProcess redis, String saveMode) {
        Path with = SpringSession.in(application, saveMode);
        List<TomcatProcess> nodes = new ArrayList<>();
        for (String name : List.of("n1", "n2")) {
            nodes.add(node(name, with)
                    .property(SpringSession.REDIS, Integer.toString(redis.port()))
                    .prepare());
        }
        return nodes;
    }

    private static TomcatProcess.Builder node(String name, Path application) {
        return TomcatProcess.node(TomcatDistribution.TOMCAT_10_1, name)
                .application(PATH, application)
                .asShipped()
                .heap("512m");
    }
}
