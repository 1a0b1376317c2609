package dev.holdfast.cli;

import com.grack.nanojson.JsonWriter;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a command says, for programs. */
final class Json {
    private Json() {}

    /** @param value of maps, collections, texts, numbers and truth values */
    static void print(PrintWriter out, Object value) {
        out.println(JsonWriter.indent("  ").string().value(value).done());
    }

    /** The same on one line. */
    static String line(Object value) {
        return JsonWriter.string(value);
    }

    /** An object with its members in this order: names and values by turns. */
    static Map<String, Object> object(Object... members) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < members.length; i += 2) {
            object.put((String) members[i], members[i + 1]);
        }
        return object;
    }
}
