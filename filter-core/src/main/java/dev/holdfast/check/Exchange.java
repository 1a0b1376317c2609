package dev.holdfast.check;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One request and its answer.
 *
 * @param sent the cookies of the request
 * @param set those of the answer, in their order: also what browsers would refuse
 */
record Exchange(URI address, List<SetCookie> sent, int status, List<SetCookie> set) {
    /** What the answer puts into a browser that takes everything; of cookies of one name the last. */
    List<SetCookie> given() {
        Map<String, SetCookie> given = new LinkedHashMap<>();
        for (SetCookie cookie : set) {
            if (!cookie.isExpired() && !cookie.isForBalancersOnly()) {
                given.put(cookie.name(), cookie);
            }
        }
        return List.copyOf(given.values());
    }
}
