package dev.holdfast.check;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page and the redirects that were followed on its host.
 *
 * @param exchanges one at least
 * @param elsewhere where the last of them leads, if that is another host
 */
record Visit(List<Exchange> exchanges, @Nullable URI elsewhere) {
    int status() {
        return exchanges.get(exchanges.size() - 1).status();
    }
}
