package dev.holdfast.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.costs.Keeper;
import dev.holdfast.costs.Usage;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Opened;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The nodes of one keeper of sessions, with a Redis of their own, and the browsers that use them. */
final class Team {
    /** Of each node. */
    private static final int BROWSERS = 100;

    private final Keeper keeper;
    private final Wrk wrk;
    private final Opened opened = new Opened();
    private final RedisProcess redis;
    private final List<TomcatProcess> nodes;
    private final Map<Size, List<List<String>>> cookies = new EnumMap<>(Size.class);

    /** How large a session is. */
    enum Size {
        /** Ten attributes of some 150 bytes. */
        SMALL(100),
        /** 60 kB. */
        LARGE(6_000);

        private final int bytes;

        Size(int bytes) {
            this.bytes = bytes;
        }
    }

    Team(Keeper keeper, Path application, Wrk wrk) {
        this.keeper = keeper;
        this.wrk = wrk;
        redis = opened.keep(RedisProcess.start());
        nodes = keeper.start(application, redis, opened);
    }

    Keeper keeper() {
        return keeper;
    }

    private List<List<String>> cookies(Cell cell, Size size) {
        if (!cell.hasSession()) {
            return Collections.nCopies(nodes.size(), List.of(""));
        }
        return cookies.computeIfAbsent(size, this::begin);
    }

    /** Browsers that have a session at a node, and have come back to it: nothing is told to them any more. */
    private List<List<String>> begin(Size size) {
        List<List<String>> all = new ArrayList<>();
        for (TomcatProcess node : nodes) {
            List<String> ofNode = new ArrayList<>();
            for (int i = 0; i < BROWSERS; i++) {
                Browser browser = new Browser();
                for (String page : List.of("/begin?bytes=" + size.bytes, "/read", "/change", "/read")) {
                    Answer answer = browser.get(node, path(page));
                    assertThat(answer.status()).as(keeper + ": " + page).isEqualTo(200);
                }
                ofNode.add(browser.cookieHeader());
            }
            all.add(ofNode);
        }
        return all;
    }

    private static String path(String page) {
        return "/" + Keeper.PATH + "/pages" + page;
    }

    /** Puts the load of a cell on it. */
    Figures measure(Cell cell, Size size, int connections, int seconds) throws IOException, InterruptedException {
        List<List<String>> browsers = cookies(cell, size);
        List<Integer> ports =
                nodes.stream().map(node -> node.address().getPort()).toList();
        Usage before = Usage.of(nodes, redis);
        Machine idle = Machine.now();
        Wrk.Result load =
                wrk.run(ports, cell.pages().stream().map(Team::path).toList(), browsers, connections, seconds);
        Machine busy = Machine.now().minus(idle);
        return new Figures(load, Usage.of(nodes, redis).minus(before), busy);
    }

    /** All that the nodes have said. */
    String log() {
        return nodes.stream().map(ContainerProcess::log).reduce("", String::concat);
    }

    void close() throws Exception {
        opened.close();
    }
}
