package dev.holdfast.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Finds the commands in the bytes that a client of Redis sends, in whatever pieces they come. For one thread. */
public final class RespCommands {
    private final StringBuilder pending = new StringBuilder();

    /** Of the first command, how many arguments have not come whole; negative if its first line has not. */
    private int left = -1;

    /** Where the first of them begins. */
    private int position;

    /** Whether no command has come in part. */
    public boolean isEmpty() {
        return pending.length() == 0;
    }

    /** Takes more bytes; tells the commands that are whole now, each as it was sent. */
    public List<String> add(byte[] buffer, int count) {
        pending.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
        List<String> whole = new ArrayList<>();
        for (int end = end(); end > 0; end = end()) {
            whole.add(pending.substring(0, end));
            pending.delete(0, end);
        }
        return whole;
    }

    /** Where the first command ends; 0 if it is not whole. */
    private int end() {
        if (left < 0) {
            int line = pending.indexOf("\r\n");
            if (line < 0) {
                return 0;
            }
            left = Integer.parseInt(pending.substring(1, line));
            position = line + 2;
        }
        while (left > 0) {
            int line = pending.indexOf("\r\n", position);
            if (line < 0) {
                return 0;
            }
            int next = line + 2 + Integer.parseInt(pending.substring(position + 1, line)) + 2;
            if (next > pending.length()) {
                return 0;
            }
            position = next;
            left--;
        }
        left = -1;
        return position;
    }
}
