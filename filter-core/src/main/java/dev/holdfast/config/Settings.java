package dev.holdfast.config;

import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** The only list of settings. {@code docs/configuration.md} is compared with it by a test. */
public final class Settings {
    /** What every name begins with in system properties and context-params. */
    public static final String PREFIX = "holdfast.";

    private static final UnaryOperator<String> PLAIN = UnaryOperator.identity();

    public static final Setting<URI> REDIS = new Setting<>(
            "redis",
            "`redis://[user:password@]host:port[/db]`, `redis-sentinel://[user:password@]host:port,host:port/name`, or"
                    + " `redis-cluster://[user:password@]host:port,host:port`; each with `rediss` in place of `redis`"
                    + " for TLS",
            "redis://127.0.0.1:6379",
            "`redis://127.0.0.1:6379`",
            "The Redis or Valkey server that holds the sessions. Special characters in user and password are"
                    + " percent-encoded.",
            "Everywhere but on a developer's machine.",
            RedisAddress::uri,
            RedisAddress::mask);

    public static final Setting<List<X509Certificate>> REDIS_CA = new Setting<>(
            "redis.ca",
            "a PEM file",
            null,
            "the authorities that Java knows",
            "Who may have signed the certificate of a server with TLS: a file with one or more certificates. They"
                    + " count in place of those that Java knows.",
            "Set it if Redis has a certificate of your own authority.",
            Certificates::read,
            PLAIN);

    public static final Setting<String> NODE = new Setting<>(
            "node",
            "1 to 63 of `A-Z a-z 0-9 _ -`",
            null,
            "`n-` and 8 hex digits made of host and port",
            "The name of this node: the route in its cookie, by which the balancer finds it. No two nodes may share"
                    + " one.",
            "Set it on each node to the name that the balancer uses.",
            Parsers.matching(Names::isRoute, "must be " + Names.ROUTES),
            PLAIN);

    public static final Setting<Duration> TIMEOUT = new Setting<>(
            "timeout",
            "`10ms` to `5s`",
            "2s",
            "`2s`",
            "How long one request waits for Redis in all, the wait for a connection included, and for how long Redis"
                    + " says nothing until it counts as away.",
            "Raise it if Redis restarts or fails over within a few seconds and nobody is to notice; lower it if a page"
                    + " must be answered sooner. What is shorter than that costs waiting only.",
            Parsers.duration(Duration.ofMillis(10), Duration.ofSeconds(5)),
            PLAIN);

    public static final Setting<Integer> DURABILITY = new Setting<>(
            "durability",
            "`memory` or `replicas:N` with N from 1 to 9",
            "memory",
            "`memory`",
            "Where a change has to be before its response leaves: in the memory of the primary, or in that of N of its"
                    + " replicas, too. Fewer than N in time: 503.",
            "Set `replicas:1` if a change must outlive the primary. Each change then waits for a replica, and is"
                    + " refused while there is none.",
            Parsers.replicas(),
            PLAIN);

    public static final Setting<String> AFFINITY = new Setting<>(
            "affinity",
            "`cookie`, `suffix` or `none`",
            "cookie",
            "`cookie`",
            "How the balancer is told which node holds the session: `cookie` by a cookie of its own; `suffix` by the"
                    + " session cookie and rewritten URLs, `JSESSIONID=<id>.<node>`; `none` not at all.",
            "Set `suffix` for a balancer that reads the route from the session id (mod_jk), or for browsers without"
                    + " cookies; set `none` if the balancer is not sticky (round robin). Leave it for one that is"
                    + " sticky by a cookie of its own or by IP hash.",
            Parsers.choice("cookie", "suffix", "none"),
            PLAIN);

    /** The same for the filter alone, which has no session id to put a route into. */
    public static final Setting<String> AFFINITY_OF_FILTER = new Setting<>(
            AFFINITY.name(),
            "`cookie` or `none`",
            "cookie",
            "`cookie`",
            AFFINITY.meaning(),
            AFFINITY.reason(),
            Parsers.matching(
                    "cookie|none",
                    "must be cookie or none, because a filter cannot change the session id; suffix works with"
                            + " Holdfast's module for Tomcat or Jetty, which needs no filter: take the filter out of"
                            + " web.xml there"),
            PLAIN);

    public static final Setting<String> AFFINITY_COOKIE = new Setting<>(
            "affinity.cookie",
            "a cookie name",
            "HFROUTE",
            "`HFROUTE`",
            "The name of the route cookie.",
            "Change it if the balancer already follows a cookie of another name.",
            Parsers.cookieName(),
            PLAIN);

    public static final Setting<String> AFFINITY_PREFIX = new Setting<>(
            "affinity.prefix",
            "empty or `.`",
            "",
            "empty",
            "What stands before the route in the cookie. Both forms are always understood in requests.",
            "Set `.` for an httpd whose `stickysessionsep` cannot be set to `Off`.",
            Parsers.prefix(),
            PLAIN);

    public static final Setting<String> APP = new Setting<>(
            "app",
            "1 to 64 of `A-Z a-z 0-9 . _ # -`",
            null,
            "the context path: `shop`, `shop##2`, `ROOT`; inner slashes become `#`; on a virtual host other than the"
                    + " default one it comes first: `admin.example#shop`",
            "Which sessions in Redis belong to this application: all its nodes share one name. Two applications of one"
                    + " name share sessions and logins.",
            "Set it if one application has different context paths or hosts on its nodes, or if other applications use"
                    + " the same Redis.",
            Parsers.matching(Names::isApp, "must be " + Names.APPS),
            PLAIN);

    public static final Setting<List<String>> APPS = new Setting<>(
            "apps",
            "names as `app` has them by default, separated by `;`, commas or white space; as system property or in the"
                    + " environment only",
            null,
            "none",
            "Which applications take part though nothing in their own files says so. `shop` means `/shop` with all its"
                    + " versions, `ROOT` the root, `admin.example#shop` `/shop` on that virtual host.",
            "Set it if an application is to take part without a change of its WAR.",
            Parsers.apps(),
            PLAIN);

    public static final Setting<String> CLASSES = new Setting<>(
            "classes",
            "`app`, `strict`, `learn` or `report`",
            "app",
            "`app`",
            "`app` stores values of the JDK, the application's own classes (those of WEB-INF/classes, and of"
                    + " WEB-INF/lib what shares their packages), what known frameworks keep in a session, and"
                    + " `holdfast.classes.allow`; `strict` takes no class of WEB-INF/lib but by"
                    + " `holdfast.classes.allow`; `learn` allows all of WEB-INF/lib and says in one block what to paste"
                    + " into `holdfast.classes.allow` (HF-308); `report` does the same, refuses nothing, and names for"
                    + " each request what would not be the same on another node (HF-309).",
            "Set `learn` or `report` on a test system, until the log names nothing new; `strict` if every class of a"
                    + " library is to be named.",
            Parsers.choice("app", "strict", "learn", "report"),
            PLAIN);

    public static final Setting<List<String>> CLASSES_ALLOW = new Setting<>(
            "classes.allow",
            "class names, `package.*` or `package.**`, with `!` in front for an exception, separated by `;`, commas or"
                    + " white space",
            "",
            "empty",
            "Further classes that may be stored: one class, the classes of a package (`.*`), or a package with all"
                    + " below it (`.**`). What an exception (`!`) names is refused, with its sub classes, whatever"
                    + " else allows it.",
            "Add what HF-306 names.",
            Parsers.classPatterns(),
            PLAIN);

    public static final Setting<Path> CLASSES_DIRECTORY = new Setting<>(
            "classes.directory",
            "a directory that is there",
            null,
            "none",
            "Where `holdfast.classes=learn` and `report` write what they find, beside the log and JMX: a file"
                    + " `holdfast-classes-<app>-<node>.txt` for each application, begun anew with each start.",
            "Set it, to the server's `logs` for one, if you want to fetch a file.",
            Parsers.directory(),
            PLAIN);

    public static final Setting<String> UNSTORABLE = new Setting<>(
            "unstorable",
            "`local` or `refuse`",
            null,
            "`local`; with `affinity=none` `refuse`",
            "What becomes of an attribute whose value cannot be stored because of a class: one that is not"
                    + " serializable, or that `holdfast.classes` does not allow. With `local` the value stays on its"
                    + " node and is absent after a failover; `refuse` throws `IllegalArgumentException` from"
                    + " `setAttribute`, or answers 500 where it is found only when the request is saved. With"
                    + " `classes=report` it is `local`.",
            "Set `refuse` if an application is to run only if all of each session survives.",
            Parsers.choice("local", "refuse"),
            PLAIN);

    public static final Setting<List<String>> ATTRIBUTES_LOCAL = new Setting<>(
            "attributes.local",
            "names of attributes, a `*` at the end stands for any ending, separated by `;`, commas or white space",
            "",
            "empty",
            "Attributes that stay on their node whatever they hold, without a warning: caches, say, that the"
                    + " application fills again by itself.",
            "Name what HF-306 warns of and the application can do without.",
            Parsers.attributePatterns(),
            PLAIN);

    public static final Setting<String> CONFLICT = new Setting<>(
            "conflict",
            "`refuse` or `overwrite`",
            "refuse",
            "`refuse`",
            "What happens to a request that changes a session after another node has changed an attribute that the"
                    + " request used: `refuse` answers 503; `overwrite` keeps what the request set or changed, and the"
                    + " other node's change of the same attributes is lost.",
            "Set `overwrite` if a lost change hurts less than an error page.",
            Parsers.choice("refuse", "overwrite"),
            PLAIN);

    public static final Setting<String> PARALLEL = new Setting<>(
            "parallel",
            "`on` or `off`",
            "on",
            "`on`",
            "`off` lets requests of one session on one node wait for each other, from their first use of the session"
                    + " to their end.",
            "Set `off` if the application is not made for parallel requests of one browser.",
            Parsers.choice("on", "off"),
            PLAIN);

    public static final Setting<Integer> BUFFER = new Setting<>(
            "buffer",
            "`0`, or `8k` to `512k`",
            "64k",
            "`64k`",
            "How much of an answer waits in memory before its first byte leaves, once its request has used its session:"
                    + " a change that is refused by then is answered 503, and not with half a page. A larger buffer of"
                    + " the container or the application stays; `0` leaves all of them as they are. A flush sends at"
                    + " once, whatever the buffer.",
            "Raise it for larger pages that change their session late; set `0` if many requests that stay open, as"
                    + " long polls do, use their session: each holds so much memory.",
            Parsers.kilobytesOrNone(8, 512),
            PLAIN);

    public static final Setting<String> EXPIRY = new Setting<>(
            "expiry",
            "`at-least-once` or `at-most-once`",
            "at-least-once",
            "`at-least-once`",
            "How often `sessionDestroyed` is told of an idle session whose node is killed while it tells: once or"
                    + " twice, or once or not at all. Without such a fault it is told once.",
            "Set `at-most-once` if a listener does what must not be done twice and may be left out.",
            Parsers.choice("at-least-once", "at-most-once"),
            PLAIN);

    public static final Setting<String> OUTAGE = new Setting<>(
            "outage",
            "`serve` or `refuse`",
            "serve",
            "`serve`",
            "What happens while Redis is away: `serve` goes on with the sessions in a node's memory and with new ones,"
                    + " and saves their changes when Redis is back; `refuse` answers 503 to what needs Redis.",
            "Set `refuse` if an acknowledged change must never be lost with its node, or if a logout must hold on"
                    + " every node within two seconds.",
            Parsers.choice("serve", "refuse"),
            PLAIN);

    public static final Setting<String> RESEED = new Setting<>(
            "reseed",
            "`on` or `off`",
            "on",
            "`on`",
            "What nodes do when Redis has lost its data: `on` sends the sessions in their memory again, when all nodes"
                    + " have told it which sessions had ended; `off` sends nothing again, so users are logged out.",
            "Set `off` if Redis is emptied on purpose to log everybody out.",
            Parsers.choice("on", "off"),
            PLAIN);

    /** All settings, in the order of the documentation. */
    public static final List<Setting<?>> ALL = List.of(
            NODE,
            REDIS,
            RedisLogin.USER,
            RedisLogin.PASSWORD,
            RedisLogin.PASSWORD_FILE,
            REDIS_CA,
            TIMEOUT,
            DURABILITY,
            OUTAGE,
            NodeSettings.HEALTH_PATH,
            NodeSettings.METRICS_PATH,
            NodeSettings.DRAIN_FILE,
            NodeSettings.DRAIN_LIMIT,
            AFFINITY,
            AFFINITY_COOKIE,
            AFFINITY_PREFIX,
            APP,
            APPS,
            CLASSES,
            CLASSES_ALLOW,
            CLASSES_DIRECTORY,
            UNSTORABLE,
            ATTRIBUTES_LOCAL,
            CONFLICT,
            PARALLEL,
            BUFFER,
            EXPIRY,
            RESEED,
            NodeSettings.REQUEST_COST);

    /** What an application may say of itself. */
    static final List<Setting<?>> OF_APPLICATIONS =
            ALL.stream().filter(setting -> !setting.equals(APPS)).toList();

    /** What {@code AffinityFilter} reads: all that works without Redis. */
    public static final List<Setting<?>> AFFINITY_ONLY =
            List.of(NODE, AFFINITY_OF_FILTER, AFFINITY_COOKIE, AFFINITY_PREFIX);

    private Settings() {}
}
