package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Ids and epochs come from cookies: anything may be in them. */
class UntrustedTextTest {
    private static final long SEED = 20_261_124;
    private static final String CHARACTERS = "0123456789abcdefABCDEFxyz-_.:;, \u0000\t\n\"%{}é\uD83D\uDE00٣";

    @Test
    void idsOfOursAreReadBackAsTheyAre() {
        Set<Integer> shards = new HashSet<>();
        for (int i = 0; i < 2000; i++) {
            SessionId id = SessionId.random();

            assertThat(SessionId.parse(id.value())).isEqualTo(id);
            assertThat(id.sibling().shard()).isEqualTo(id.shard());
            assertThat(id.sibling()).isNotEqualTo(id);
            shards.add(id.shard());
        }
        assertThat(shards).hasSize(SessionId.SHARDS);
    }

    @Test
    void onlyTwoDigitsOfShardAndLowerCaseHexIsAnId() {
        String rest = "0123456789abcdef0123456789abcdef";

        assertThat(SessionId.parse("3f" + rest)).isNotNull();
        assertThat(SessionId.parse("40" + rest)).isNull();
        assertThat(SessionId.parse("ff" + rest)).isNull();
        assertThat(SessionId.parse("3F" + rest)).isNull();
        assertThat(SessionId.parse("00" + rest + ".n1")).isNull();
        assertThat(SessionId.parse("00" + rest.substring(1))).isNull();
        assertThat(SessionId.parse("00" + rest + "0")).isNull();
        assertThat(SessionId.parse("")).isNull();
        assertThat(SessionId.parse(null)).isNull();
    }

    @Test
    void whatStandsBehindTheDotOfAPresentedIdIsDropped() {
        SessionId id = SessionId.random();

        assertThat(SessionId.parsePresented(id.value())).isEqualTo(id);
        assertThat(SessionId.parsePresented(id.value() + ".n1")).isEqualTo(id);
        assertThat(SessionId.parsePresented(id.value() + ".")).isEqualTo(id);
        assertThat(SessionId.parsePresented(id.value() + ".a.b " + id.value())).isEqualTo(id);
        assertThat(SessionId.parsePresented(id.value() + "n1")).isNull();
        assertThat(SessionId.parsePresented(id.value() + "0.n1")).isNull();
        assertThat(SessionId.parsePresented(id.value().substring(1) + "..n1")).isNull();
        assertThat(SessionId.parsePresented("n1." + id.value())).isNull();
        assertThat(SessionId.parsePresented(".")).isNull();
        assertThat(SessionId.parsePresented(null)).isNull();
    }

    @Test
    void idThatIsReadIsAlwaysOfOurAlphabetAndInAShard() {
        Random random = new Random(SEED);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            String text = mutated(random, SessionId.random().value());

            SessionId id = SessionId.parse(text);

            if (id != null) {
                read++;
                assertThat(id.value()).isEqualTo(text).matches("[0-3][0-9a-f]{33}");
                assertThat(id.shard()).isBetween(0, SessionId.SHARDS - 1);
            }
        }
        assertThat(read).isPositive();
    }

    @Test
    void idIsNeverPrintedWhole() {
        SessionId id = SessionId.random();

        assertThat(id.toString()).isEqualTo(id.value().substring(0, 4) + "…");
        assertThat("" + id).doesNotContain(id.value().substring(4));
    }

    @Test
    void epochsOfOursAreReadBackAsTheyAre() {
        for (String route : new String[] {"", "n1", "A-b_c", "x".repeat(32)}) {
            Epoch epoch = Epoch.fresh(route);

            assertThat(Epoch.parse(epoch.text())).isEqualTo(epoch);
            assertThat(epoch.hasHolder()).isEqualTo(!route.isEmpty());
        }
    }

    @Test
    void whatIsNotAMarkAndARouteIsNoEpoch() {
        String mark = RandomToken.next();

        assertThat(Epoch.parse(mark)).isNull();
        assertThat(Epoch.parse(mark + "n1")).isNull();
        assertThat(Epoch.parse(mark + ".n1.n2")).isNull();
        assertThat(Epoch.parse(mark + "." + "x".repeat(33))).isNull();
        assertThat(Epoch.parse(mark.substring(1) + ".n1")).isNull();
        assertThat(Epoch.parse(mark + ".n:1")).isNull();
        assertThat(Epoch.parse("")).isNull();
        assertThat(Epoch.parse(null)).isNull();
    }

    @Test
    void epochThatIsReadGivesTheSameTextAndNothingThatCouldBreakALogEntry() {
        Random random = new Random(SEED);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            String text = mutated(random, Epoch.fresh("node-1").text());

            Epoch epoch = Epoch.parse(text);

            if (epoch != null) {
                read++;
                assertThat(epoch.text()).isEqualTo(text).matches("[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{0,32}");
            }
        }
        assertThat(read).isPositive();
    }

    @Test
    void tokensAreTwentyTwoCharactersAndNeverTheSame() {
        Set<String> tokens = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            String token = RandomToken.next();
            assertThat(RandomToken.isToken(token)).isTrue();
            tokens.add(token);
        }
        assertThat(tokens).hasSize(10_000);
        assertThat(RandomToken.isToken("x".repeat(21))).isFalse();
        assertThat(RandomToken.isToken("x".repeat(21) + ".")).isFalse();
    }

    @Test
    void membersOfALogAreReadWithoutAnExceptionWhateverTheyAre() {
        Random random = new Random(SEED);
        String member = "12:" + RandomToken.next() + ":" + SessionId.random().value() + ":end";
        for (int i = 0; i < 20_000; i++) {
            LogEntry entry = LogEntry.parse(mutated(random, member));

            if (entry != null) {
                assertThat(entry.sequence()).isPositive();
            }
        }
    }

    /** A valid text with a few characters replaced, removed, or put in. */
    private static String mutated(Random random, String valid) {
        StringBuilder text = new StringBuilder(valid);
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(text.length());
            char other = CHARACTERS.charAt(random.nextInt(CHARACTERS.length()));
            switch (random.nextInt(3)) {
                case 0 -> text.setCharAt(at, other);
                case 1 -> text.deleteCharAt(at);
                default -> text.insert(at, other);
            }
        }
        return text.toString();
    }
}
