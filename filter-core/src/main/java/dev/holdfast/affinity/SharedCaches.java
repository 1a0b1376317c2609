package dev.holdfast.affinity;

import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What caches between a node and its browsers may do with an answer: one that is kept with its cookies gives them to
 * whoever asks next.
 *
 * <p>Knows no servlet type: containers that run without the Servlet API use it, too.
 */
public final class SharedCaches {
    /** The header that says it. */
    public static final String CACHE_CONTROL = "Cache-Control";

    /** The older header, which gives a life time where {@link #CACHE_CONTROL} gives none. */
    public static final String EXPIRES = "Expires";

    /** Lets a cache keep an answer without its cookies. */
    public static final String WITHOUT_COOKIES = "no-cache=\"Set-Cookie\"";

    private static final Pattern DIRECTIVE = Pattern.compile("([^\\s,=\"]+)(?:\\s*=\\s*(\"[^\"]*\"?|[^\\s,]*))?");

    /** Dates before it are the usual ways of saying "never": what is no date, 1970, and in books 1995 and 1997. */
    private static final int FIRST_YEAR_OF_A_LIFE_TIME = 2000;

    private SharedCaches() {}

    /**
     * Whether a shared cache may keep an answer: it is {@code public}, has {@code s-maxage}, or a life time of its own
     * and nothing that makes it one browser's. Whether a date is over is not looked at: that it is taken for one to
     * come costs little.
     *
     * @param cacheControl the values of {@link #CACHE_CONTROL}
     * @param expires the values of {@link #EXPIRES}
     */
    public static boolean mayKeep(List<String> cacheControl, List<String> expires) {
        boolean open = false;
        boolean asksBefore = false;
        Boolean lives = null;
        for (String value : cacheControl) {
            Matcher directive = DIRECTIVE.matcher(value);
            while (directive.find()) {
                String argument = directive.group(2);
                switch (directive.group(1).toLowerCase(Locale.ROOT)) {
                    case "private", "no-store" -> {
                        if (argument == null) { // else it is about some headers only
                            return false;
                        }
                    }
                    case "public", "s-maxage" -> open = true;
                    case "no-cache" -> asksBefore |= argument == null;
                    case "max-age" -> lives = argument != null && argument.matches("\"?0*[1-9].*");
                    default -> {}
                }
            }
        }
        if (lives == null) {
            lives = expires.stream().anyMatch(SharedCaches::isLifeTime);
        }
        return open || (lives && !asksBefore);
    }

    private static boolean isLifeTime(String date) {
        try {
            return ZonedDateTime.parse(date.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                            .getYear()
                    >= FIRST_YEAR_OF_A_LIFE_TIME;
        } catch (DateTimeException e) {
            return false; // caches take what is no date for one that is over
        }
    }

    /** Whether an answer says already that its cookies are not to be kept. */
    public static boolean areWithoutCookies(List<String> cacheControl) {
        for (String value : cacheControl) {
            Matcher directive = DIRECTIVE.matcher(value);
            while (directive.find()) {
                String argument = directive.group(2);
                if (directive.group(1).equalsIgnoreCase("no-cache")
                        && argument != null
                        && argument.toLowerCase(Locale.ROOT).matches("\"?(|.*[\\s,])set-cookie([\\s,].*|)\"?")) {
                    return true;
                }
            }
        }
        return false;
    }
}
