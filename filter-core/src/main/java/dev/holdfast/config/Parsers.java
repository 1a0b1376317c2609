package dev.holdfast.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text to value, by kind of setting. Each parser throws {@link WrongValueException}. */
final class Parsers {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
    private static final Pattern KILOBYTES = Pattern.compile("([0-9]{1,9})k");
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9._~-]{1,64}){1,8}");
    private static final int KILO = 1024;

    private Parsers() {}

    static Function<String, String> matching(String regex, String mustBe) {
        return matching(Pattern.compile(regex).asMatchPredicate(), mustBe);
    }

    static Function<String, String> matching(Predicate<String> valid, String mustBe) {
        return text -> {
            if (!valid.test(text)) {
                throw new WrongValueException(mustBe);
            }
            return text;
        };
    }

    static Function<String, String> choice(String... choices) {
        List<String> allowed = List.of(choices);
        return text -> {
            if (!allowed.contains(text)) {
                String allButLast = String.join(", ", allowed.subList(0, allowed.size() - 1));
                throw new WrongValueException("must be " + allButLast + " or " + allowed.get(allowed.size() - 1));
            }
            return text;
        };
    }

    /** How many replicas; 0 for memory. */
    static Function<String, Integer> replicas() {
        return text -> {
            if (text.equals("memory")) {
                return 0;
            }
            if (!text.matches("replicas:[1-9]")) {
                throw new WrongValueException("must be memory, or replicas: and a number from 1 to 9, like replicas:1");
            }
            return Integer.valueOf(text.substring("replicas:".length()));
        };
    }

    static Function<String, String> prefix() {
        return text -> {
            if (!text.isEmpty() && !text.equals(".")) {
                throw new WrongValueException("must be empty or a dot");
            }
            return text;
        };
    }

    static Function<String, String> cookieName() {
        Function<String, String> token = matching(
                "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}",
                "must be a cookie name: 1 to 64 letters, digits or characters of !#$%&'*+-.^_`|~");
        return text -> {
            String upper = text.toUpperCase(Locale.ROOT);
            if (upper.equals("JSESSIONID") || upper.startsWith("HFEPOCH")) {
                throw new WrongValueException(
                        "must not be the name of the session cookie or of the epoch cookie (HFEPOCH…)");
            }
            return token.apply(text);
        };
    }

    static Function<String, Duration> duration(Duration least, Duration most) {
        return text -> {
            Matcher matcher = DURATION.matcher(text);
            if (!matcher.matches()) {
                throw new WrongValueException("must be a number with its unit ms or s, like 250ms");
            }
            long number = Long.parseLong(matcher.group(1));
            Duration value = switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofHours(number);
            };
            if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
                throw new WrongValueException("must be between " + text(least) + " and " + text(most));
            }
            return value;
        };
    }

    /** How many bytes, told in kilobytes; 0 for none stands outside of the bounds. */
    static Function<String, Integer> kilobytesOrNone(int least, int most) {
        return text -> {
            if (text.equals("0")) {
                return 0;
            }
            Matcher matcher = KILOBYTES.matcher(text);
            if (!matcher.matches()) {
                throw new WrongValueException("must be 0, or a number with its unit k, like 64k");
            }
            int kilobytes = Integer.parseInt(matcher.group(1));
            if (kilobytes < least || kilobytes > most) {
                throw new WrongValueException("must be 0, or between " + least + "k and " + most + "k");
            }
            return kilobytes * KILO;
        };
    }

    private static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }

    static Function<String, List<String>> apps() {
        return text -> {
            List<String> names = Names.list(text);
            for (String name : names) {
                if (!Names.isApp(name)) {
                    throw new WrongValueException("has \"" + name + "\", but each entry must be " + Names.APPS
                            + ": shop for /shop, ROOT for the root");
                }
            }
            if (names.isEmpty()) {
                throw new WrongValueException("must name an application: shop for /shop, ROOT for the root");
            }
            return names;
        };
    }

    static Function<String, List<String>> attributePatterns() {
        return text -> {
            List<String> patterns = Names.list(text);
            for (String pattern : patterns) {
                int star = pattern.indexOf('*');
                if (star >= 0 && (star == 0 || star < pattern.length() - 1)) {
                    throw new WrongValueException("has \"" + pattern
                            + "\", but each entry must be the name of an attribute (cart.cache), or its beginning with"
                            + " * at the end (cart.*)");
                }
            }
            return patterns;
        };
    }

    /** Of a URL, without anything that a container or a balancer would take away or decode. */
    static Function<String, String> path() {
        return text -> {
            boolean dots = (text + "/").contains("/./") || (text + "/").contains("/../");
            if (!PATH.matcher(text).matches() || dots) {
                throw new WrongValueException("must be a path like /holdfast/health: each part begins with / and has 1"
                        + " to 64 of the characters A-Z a-z 0-9 . _ ~ -, at most 8 parts");
            }
            return text;
        };
    }

    static Function<String, Path> file() {
        return text -> {
            try {
                Path file = Path.of(text).toAbsolutePath();
                Path directory = file.getParent();
                if (!text.isEmpty() && directory != null && Files.isDirectory(directory) && !Files.isDirectory(file)) {
                    return file;
                }
            } catch (InvalidPathException e) {
                // As one whose directory is not there.
            }
            throw new WrongValueException("must be the name of a file in a directory that is there; a relative name"
                    + " begins at " + Path.of("").toAbsolutePath());
        };
    }

    static Function<String, String> notEmpty() {
        return text -> {
            if (text.isEmpty()) {
                throw new WrongValueException("must not be empty");
            }
            return text;
        };
    }

    /** One that has a password in it now. */
    static Function<String, Path> passwordFile() {
        return text -> {
            try {
                Path file = Path.of(text).toAbsolutePath();
                String ignored = RedisLogin.read(file);
                return file;
            } catch (NoSuchFileException e) {
                throw new WrongValueException("there is no such file; a relative name begins at "
                        + Path.of("").toAbsolutePath());
            } catch (AccessDeniedException e) {
                throw new WrongValueException("the file cannot be read: let the user of the server read it");
            } catch (IOException | InvalidPathException e) {
                throw new WrongValueException("the file cannot be read, " + e.getMessage());
            }
        };
    }

    static Function<String, Path> directory() {
        return text -> {
            try {
                Path directory = Path.of(text);
                if (!text.isEmpty() && Files.isDirectory(directory) && Files.isWritable(directory)) {
                    return directory;
                }
            } catch (InvalidPathException e) {
                // As one that is not there.
            }
            throw new WrongValueException("must be a directory that is there and can be written to; a relative name"
                    + " begins at " + Path.of("").toAbsolutePath());
        };
    }

    static Function<String, List<String>> classPatterns() {
        return text -> {
            List<String> patterns = Names.list(text);
            for (String pattern : patterns) {
                if (!Names.isClassPattern(pattern)) {
                    throw new WrongValueException("has \"" + pattern
                            + "\", but each entry must be a class (com.shop.Cart), a package (com.shop.*) or a package"
                            + " with all below it (com.shop.**), with ! in front for an exception");
                }
            }
            return patterns;
        };
    }
}
