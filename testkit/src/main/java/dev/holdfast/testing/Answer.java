package dev.holdfast.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a client has read of an answer.
 *
 * @param status 0 if not even the first line arrived
 * @param headers names in lower case, in the order of their arrival
 * @param complete whether it was read to its end; else the connection ended before
 */
public record Answer(int status, List<Map.Entry<String, String>> headers, String body, boolean complete) {
    /** All values of a header. */
    public List<String> all(String name) {
        List<String> values = new ArrayList<>();
        for (Map.Entry<String, String> header : headers) {
            if (header.getKey().equals(name.toLowerCase(Locale.ROOT))) {
                values.add(header.getValue());
            }
        }
        return values;
    }

    /** The first value of a header, empty if there is none. */
    public String header(String name) {
        List<String> values = all(name);
        return values.isEmpty() ? "" : values.get(0);
    }

    /** The value that the answer sets a cookie to; empty if it does not set it. */
    public String cookie(String name) {
        for (String header : all("set-cookie")) {
            if (header.startsWith(name + "=")) {
                return header.substring(name.length() + 1).split(";", 2)[0];
            }
        }
        return "";
    }
}
