package dev.holdfast.examples.check;

import dev.holdfast.examples.check.Attempt.Action;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One browser: logs in once, then changes its cart. Used by one thread at a time; the route may be read by any. */
final class Customer {

    private static final String USER = "ada";
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int LARGEST_CART = 12;

    private static final Pattern ITEM = Pattern.compile("\"name\":\"([^\"]*)\"");
    private static final Pattern NODE = Pattern.compile("\"node\":\"([^\"]*)\"");
    private static final Pattern NAME_OF_USER = Pattern.compile("\"user\":\"([^\"]*)\"");

    private final String name;
    private final URI shop;
    private final HttpClient client;
    private final Random random;
    private final CookieJar jar = new CookieJar();
    private final List<Event> events = new ArrayList<>();
    private final List<String> inCart = new ArrayList<>();
    private boolean loggedIn;
    private int items;
    private final AtomicInteger acknowledged = new AtomicInteger();
    private volatile @Nullable String route;

    Customer(String name, URI shop, HttpClient client, Random random) {
        this.name = name;
        this.shop = shop;
        this.client = client;
        this.random = random;
    }

    /** Sends the next request; true if it was acknowledged. */
    boolean goOn() throws InterruptedException {
        if (!loggedIn) {
            loggedIn = send(Action.LOG_IN, USER, "login", "user=" + USER + "&password=" + USER);
            return loggedIn;
        }
        if (!inCart.isEmpty() && random.nextInt(LARGEST_CART) < inCart.size()) {
            String item = inCart.remove(random.nextInt(inCart.size()));
            return send(Action.REMOVE, item, "cart/remove", "item=" + encoded(item));
        }
        String item = name + "-" + ++items;
        boolean added = send(Action.ADD, item, "cart/add", "item=" + encoded(item));
        if (added) {
            inCart.add(item);
        }
        return added;
    }

    /** Reads the cart behind the login; true if it was answered. */
    boolean read() throws InterruptedException {
        return send(Action.READ, "", "account/cart", null);
    }

    /** The node that this customer's cookies name now. */
    Optional<String> route() {
        return Optional.ofNullable(route);
    }

    /** How many changes were acknowledged so far. */
    int acknowledged() {
        return acknowledged.get();
    }

    /** Everything that it has seen; only when no request is under way. */
    List<Event> events() {
        return List.copyOf(events);
    }

    private boolean send(Action action, String subject, String path, @Nullable String form)
            throws InterruptedException {
        URI uri = shop.resolve(path);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(LIMIT);
        if (form != null) {
            request.header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(form));
        }
        String cookies = jar.header(uri.getPath());
        if (!cookies.isEmpty()) {
            request.header("Cookie", cookies);
        }
        String sentTo = jar.route();
        long sentAt = System.nanoTime();
        Event event;
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            jar.store(response.headers().allValues("Set-Cookie"));
            route = jar.route();
            event = event(new Attempt(action, subject, sentTo, sentAt, System.nanoTime()), response);
        } catch (IOException e) {
            event = new Event.Refused(new Attempt(action, subject, sentTo, sentAt, System.nanoTime()), e.toString());
        }
        events.add(event);
        boolean answered = event instanceof Event.Answered;
        if (answered && (action == Action.ADD || action == Action.REMOVE)) {
            acknowledged.incrementAndGet();
        }
        return answered;
    }

    private static Event event(Attempt attempt, HttpResponse<String> response) {
        String body = response.body();
        Optional<String> node = first(NODE, body);
        boolean toTheLoginPage = response.statusCode() / 100 == 3;
        if (response.statusCode() != 200 && !toTheLoginPage) {
            boolean byTheShop = response.headers().firstValue("Retry-After").isPresent();
            return new Event.Refused(
                    attempt, "status " + response.statusCode() + (byTheShop ? " with Retry-After" : ""));
        }
        if (toTheLoginPage || node.isEmpty()) {
            // The login page instead of the cart, or on Jetty the way to it: an answer, of a shop that knows nobody.
            return new Event.Answered(attempt, "a node that asks for a login", null, List.of());
        }
        List<String> items = new ArrayList<>();
        Matcher item = ITEM.matcher(body);
        while (item.find()) {
            items.add(item.group(1));
        }
        return new Event.Answered(attempt, node.get(), first(NAME_OF_USER, body).orElse(null), items);
    }

    private static Optional<String> first(Pattern pattern, String body) {
        Matcher matcher = pattern.matcher(body);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
