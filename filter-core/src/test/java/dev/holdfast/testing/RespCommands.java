package dev.holdfast.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Finds the commands in the bytes that a client of Redis sends, in whatever pieces they come. For one thread. */
public final class RespCommands {
    private String pending = "";

    /** Whether no command has come in part. */
    public boolean isEmpty() {
        return pending.isEmpty();
    }

    /** Takes more bytes; tells the commands that are whole now, each as it was sent. */
    public List<String> add(byte[] buffer, int count) {
        pending += new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
        List<String> whole = new ArrayList<>();
        for (int end = end(); end > 0; end = end()) {
            whole.add(pending.substring(0, end));
            pending = pending.substring(end);
        }
        return whole;
    }

    /** Where the first command ends; 0 if it is not whole. */
    private int end() {
        int line = pending.indexOf("\r\n");
        if (line < 0) {
            return 0;
        }
        int position = line + 2;
        for (int left = Integer.parseInt(pending.substring(1, line)); left > 0; left--) {
            int next = pending.indexOf("\r\n", position);
            if (next < 0) {
                return 0;
            }
            position = next + 2 + Integer.parseInt(pending.substring(position + 1, next)) + 2;
            if (position > pending.length()) {
                return 0;
            }
        }
        return position;
    }
}
