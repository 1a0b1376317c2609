package dev.holdfast;

import dev.holdfast.config.NodeSettings;
import dev.holdfast.config.RedisLogin;
import dev.holdfast.config.Settings;
import dev.holdfast.config.SettingsReader;
import dev.holdfast.config.Source;
import dev.holdfast.session.AppIdentity;
import dev.holdfast.session.SessionOptions;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All settings of one application on one node, already valid. Immutable.
 *
 * <p>{@code docs/configuration.md} says what each one means and where it is read from.
 *
 * @param node the route of this node, or null if none was set: the container module then derives one
 * @param redis an address of the forms that {@link Settings#REDIS} lists; holds the password, so it must not be logged
 * @param login at Redis, where it does not stand in its address
 * @param redisCa who may have signed the certificate of a server with TLS; empty: whom Java believes
 * @param timeout how long one request waits for Redis in all
 * @param replicas how many replicas must have a change before it counts as done
 * @param outage what becomes of requests while Redis is away
 * @param pages that the node answers by itself
 * @param drainFile the node drains while it is there; null for none
 * @param drainLimit how long an orderly stop of the server may wait for its browsers to go; zero: it does not wait
 * @param affinityCookie name of the route cookie
 * @param affinityPrefix empty or a dot: what stands before the route in the cookie
 * @param app the name under which all nodes keep this application's sessions
 * @param identity which application that is
 * @param classesAllow class names, {@code package.*} and {@code package.**} that may be stored
 * @param classesDirectory where the file is to be that says which classes were found; null for no file
 * @param unstorable what becomes of a value that cannot be stored for its classes
 * @param attributesLocal names of attributes, or beginnings of names with {@code *}, that stay on their node
 * @param conflict what becomes of a change whose ground another node has changed
 * @param parallel whether requests of one session on one node may run at the same time
 * @param buffer how many bytes of an answer wait before the first one leaves, once its request has used its session; 0
 *     for as many as the container's own buffer holds
 * @param expiry whether the end of an idle session is told before it is final, or after
 * @param reseed whether nodes send sessions in their memory again to a Redis that lost its data
 * @param requestCost to whom each request says what its sessions have cost
 * @param describe for the start-up log: what was set, with its source, and what the default of it depends on;
 *     secrets masked
 * @param warnings what is odd but no reason not to start, to be logged once
 */
public record HoldfastConfig(
        @Nullable String node,
        URI redis,
        RedisLogin login,
        List<X509Certificate> redisCa,
        Duration timeout,
        int replicas,
        SessionOptions.Outage outage,
        NodePages pages,
        @Nullable Path drainFile,
        Duration drainLimit,
        Affinity affinity,
        String affinityCookie,
        String affinityPrefix,
        String app,
        AppIdentity identity,
        Classes classes,
        List<String> classesAllow,
        @Nullable Path classesDirectory,
        SessionOptions.Unstorable unstorable,
        List<String> attributesLocal,
        SessionOptions.Conflict conflict,
        boolean parallel,
        int buffer,
        SessionOptions.Expiry expiry,
        boolean reseed,
        RequestCost requestCost,
        List<String> describe,
        List<String> warnings) {

    /** How the balancer learns which node holds a session. */
    public enum Affinity {
        /** A route cookie. */
        COOKIE,
        /** The route of the node behind the session id, in the session cookie and in rewritten URLs. */
        SUFFIX,
        /** Not at all: round robin, or a cookie of the balancer's own. */
        NONE
    }

    /** Which classes may be stored. */
    public enum Classes {
        /**
         * The JDK's value types, the application's own classes, also those of its modules in WEB-INF/lib, what its
         * frameworks are known to keep in a session, and the allowed patterns.
         */
        APP,
        /** The JDK's value types, the classes of WEB-INF/classes, and the allowed patterns. */
        STRICT,
        /** As {@link #APP}, and all classes of WEB-INF/lib; what was needed is told. */
        LEARN,
        /** As {@link #LEARN}; nothing is refused, and what would not be the same on another node is told. */
        REPORT;

        /** As the setting has it. */
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public HoldfastConfig {
        redisCa = List.copyOf(redisCa);
        classesAllow = List.copyOf(classesAllow);
        attributesLocal = List.copyOf(attributesLocal);
        describe = List.copyOf(describe);
        warnings = List.copyOf(warnings);
    }

    /**
     * Whether an application takes part: one that says {@code <distributable/>}, or has a context-param that begins
     * with {@code holdfast.}.
     *
     * @param contextParams the names of all that it has
     */
    public static boolean takesPart(boolean distributable, Collection<String> contextParams) {
        return distributable || isNamedIn(contextParams);
    }

    /** Whether an application asks for Holdfast by name: it counts beside a manager of its own, too. */
    public static boolean isNamedIn(Collection<String> contextParams) {
        return contextParams.stream().anyMatch(name -> name.startsWith(Settings.PREFIX));
    }

    /**
     * Reads all settings: system property, then environment, then context-param, then default.
     *
     * @param contextParams what the application's own files say
     * @param place what {@code app} defaults to
     * @throws HoldfastConfigException naming every wrong setting at once
     */
    public static HoldfastConfig read(SettingsSource contextParams, AppPlace place) {
        return read(
                List.of(
                        Source.systemProperties(),
                        Source.environment(),
                        Source.contextParams(contextParams.description(), contextParams.params())),
                place);
    }

    /**
     * Reads all settings of an application whose framework has read them, from system properties and environment, too.
     *
     * @param place without the application's own name
     * @throws HoldfastConfigException naming every wrong setting at once
     */
    public static HoldfastConfig read(EmbeddedApplication application, AppPlace place) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.remove("HOLDFAST_ENABLED"); // a switch of the framework's, not a setting
        List<Source> sources = List.of(
                Source.framework(application.description(), application.settings(), application.places()),
                // For its unknown names, which orchestrators put there: what is a setting, the framework has.
                Source.environment(environment));
        String name = application.name();
        return name == null
                ? read(sources, place)
                : read(
                        sources,
                        new AppPlace(place.hosts(), place.path(), name),
                        AppName.possible(name),
                        application.nameOrigin());
    }

    static HoldfastConfig read(List<Source> sources, AppPlace place) {
        return read(
                sources,
                place,
                place.defaultName(),
                "from the " + (place.hosts().isEmpty() ? "" : "virtual host and the ") + "context path");
    }

    private static HoldfastConfig read(
            List<Source> sources, AppPlace place, @Nullable String defaultName, String madeOf) {
        SettingsReader settings = SettingsReader.read(Settings.ALL, sources);
        List<String> mistakes = new ArrayList<>(settings.mistakes());
        List<String> describe = new ArrayList<>(settings.description());
        if (settings.told(Settings.REDIS) == null) {
            describe.add("holdfast.redis = " + Settings.REDIS.defaultText() + " (default)"); // nobody's choice, perhaps
        }
        String chosen = settings.find(Settings.APP);
        String app = chosen == null ? defaultName : chosen;
        if (chosen == null) {
            describe.add("holdfast.app = " + app + " (default: " + madeOf + ")");
        }
        // A wrong holdfast.app is in the list already.
        boolean appIsWrong = mistakes.stream().anyMatch(mistake -> mistake.startsWith(Settings.APP + " "));
        if (app == null && !appIsWrong) {
            mistakes.add("holdfast.app is not set and cannot be made of the context path \"" + place.path()
                    + "\": set it to 1 to 64 of the characters A-Z a-z 0-9 . _ # -.");
        }
        URI redis = settings.find(Settings.REDIS);
        List<X509Certificate> ca = settings.find(Settings.REDIS_CA);
        if (redis != null && ca != null && !redis.getScheme().startsWith("rediss")) {
            mistakes.add("holdfast.redis.ca is set, but holdfast.redis is without TLS:"
                    + " begin holdfast.redis with rediss in place of redis, or take holdfast.redis.ca away.");
        }
        mistakes.addAll(RedisLogin.mistakes(settings));
        NodePages.of(settings).mistake().ifPresent(mistakes::add);
        if (app == null || !mistakes.isEmpty()) {
            throw new HoldfastConfigException(mistakes);
        }
        SessionOptions.Unstorable unstorable = unstorable(settings);
        if (settings.find(Settings.UNSTORABLE) == null
                && (isReport(settings) || unstorable != SessionOptions.Unstorable.LOCAL)) {
            describe.add("holdfast.unstorable = " + unstorable.name().toLowerCase(Locale.ROOT) + " (default with"
                    + (isReport(settings)
                            ? " holdfast.classes = report)"
                            : " holdfast.affinity = " + settings.get(Settings.AFFINITY) + ")"));
        }
        return new HoldfastConfig(
                settings.find(Settings.NODE),
                settings.get(Settings.REDIS),
                RedisLogin.of(settings),
                ca == null ? List.of() : ca,
                settings.get(Settings.TIMEOUT),
                settings.get(Settings.DURABILITY),
                SessionOptions.Outage.valueOf(settings.get(Settings.OUTAGE).toUpperCase(Locale.ROOT)),
                NodePages.of(settings),
                settings.find(NodeSettings.DRAIN_FILE),
                settings.get(NodeSettings.DRAIN_LIMIT),
                Affinity.valueOf(settings.get(Settings.AFFINITY).toUpperCase(Locale.ROOT)),
                settings.get(Settings.AFFINITY_COOKIE),
                settings.get(Settings.AFFINITY_PREFIX),
                app,
                place.identity(app, chosen != null),
                Classes.valueOf(settings.get(Settings.CLASSES).toUpperCase(Locale.ROOT)),
                settings.get(Settings.CLASSES_ALLOW),
                settings.find(Settings.CLASSES_DIRECTORY),
                unstorable,
                settings.get(Settings.ATTRIBUTES_LOCAL),
                SessionOptions.Conflict.valueOf(settings.get(Settings.CONFLICT).toUpperCase(Locale.ROOT)),
                settings.get(Settings.PARALLEL).equals("on"),
                settings.get(Settings.BUFFER),
                SessionOptions.Expiry.valueOf(
                        settings.get(Settings.EXPIRY).toUpperCase(Locale.ROOT).replace('-', '_')),
                settings.get(Settings.RESEED).equals("on"),
                RequestCost.valueOf(settings.get(NodeSettings.REQUEST_COST).toUpperCase(Locale.ROOT)),
                describe,
                ConfigWarnings.of(settings));
    }

    private static SessionOptions.Unstorable unstorable(SettingsReader settings) {
        if (isReport(settings)) {
            return SessionOptions.Unstorable.LOCAL;
        }
        String chosen = settings.find(Settings.UNSTORABLE);
        return chosen == null
                ? SessionOptions.Unstorable.byDefault(
                        settings.get(Settings.AFFINITY).equals("none"))
                : SessionOptions.Unstorable.valueOf(chosen.toUpperCase(Locale.ROOT));
    }

    static boolean isReport(SettingsReader settings) {
        return settings.get(Settings.CLASSES).equals("report");
    }

    /** Whether an attribute stays on its node whatever it holds. */
    boolean isLocalAttribute(String name) {
        for (String pattern : attributesLocal) {
            boolean matches = pattern.endsWith("*")
                    ? name.regionMatches(0, pattern, 0, pattern.length() - 1)
                    : name.equals(pattern);
            if (matches) {
                return true;
            }
        }
        return false;
    }

    /** The settings with their sources, secrets masked. */
    @Override
    public String toString() {
        return "HoldfastConfig" + describe;
    }
}
