package dev.holdfast;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** Addresses from which nobody comes but those of one's own network. */
final class PrivateAddresses {
    /** Nothing else is looked up: names would be asked for. */
    private static final Pattern LITERAL = Pattern.compile(
            "((25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})(\\.(?!$)|$)){4}|\\[?[0-9A-Fa-f:]+:[0-9A-Fa-f:.%\\w]*\\]?");

    private PrivateAddresses() {}

    /**
     * Whether an address is of this machine, of a private network (RFC 1918, RFC 4193), of one that carriers and
     * clusters share (RFC 6598), or link-local.
     */
    static boolean has(String address) {
        if (!LITERAL.matcher(address).matches()) {
            return false;
        }
        try {
            InetAddress parsed = InetAddress.getByName(address);
            byte[] bytes = parsed.getAddress();
            boolean unique = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
            boolean shared = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xc0) == 64;
            return parsed.isLoopbackAddress()
                    || parsed.isSiteLocalAddress()
                    || parsed.isLinkLocalAddress()
                    || unique
                    || shared;
        } catch (UnknownHostException e) {
            return false; // it only looked like one
        }
    }
}
