package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class ParticipantsTest {
    private final List<String> info = new ArrayList<>();
    private final List<String> warn = new ArrayList<>();

    private static Participants of(Map<String, String> properties, Map<String, String> environment) {
        Properties set = new Properties();
        properties.forEach(set::setProperty);
        return Participants.read(List.of(Source.systemProperties(set), Source.environment(environment)));
    }

    private static Participants of(String apps) {
        return of(Map.of("holdfast.apps", apps), Map.of());
    }

    @Test
    void namesApplicationsAsTheirDefaultNamesAre() {
        Participants named = of("shop, ROOT;admin.example#shop");

        assertThat(named.isNamed(AppPlace.at("/shop"))).isTrue();
        assertThat(named.isNamed(AppPlace.at("/shop##2"))).as("each version").isTrue();
        assertThat(named.isNamed(AppPlace.at(""))).isTrue();
        assertThat(named.isNamed(new AppPlace(List.of("admin.example"), "/shop", null)))
                .isTrue();
        assertThat(named.isNamed(new AppPlace(List.of("other.example"), "/shop", null)))
                .as("shop on another host")
                .isFalse();
        assertThat(named.isNamed(AppPlace.at("/shopping"))).isFalse();
        assertThat(of(Map.of(), Map.of()).isNamed(AppPlace.at("/shop"))).isFalse();
    }

    @Test
    void systemPropertyCountsBeforeTheEnvironment() {
        Participants named = of(Map.of("holdfast.apps", "shop"), Map.of("HOLDFAST_APPS", "admin"));

        assertThat(named.isNamed(AppPlace.at("/shop"))).isTrue();
        assertThat(named.isNamed(AppPlace.at("/admin"))).isFalse();
        assertThat(of(Map.of(), Map.of("HOLDFAST_APPS", "admin")).isNamed(AppPlace.at("/admin")))
                .isTrue();
    }

    @Test
    void oneLineSaysWhoTakesPartAndWhyOthersDoNot() {
        Participants participants = of("shop search");
        participants.isNamed(AppPlace.at("/shop"));
        participants.takesPart("/shop");
        participants.takesPart("/cart");
        participants.staysOut("/docs", "a reason", info::add);
        participants.staysOut("/examples", "a reason", info::add);
        participants.staysOut("/other", "another one", info::add);
        assertThat(info).isEmpty();

        participants.tell(info::add, warn::add);

        assertThat(info)
                .containsExactly("Holdfast development keeps the sessions of /cart, /shop; it leaves alone /docs,"
                        + " /examples (a reason); /other (another one). Not here, though holdfast.apps names it:"
                        + " search.");
        assertThat(warn).isEmpty();
    }

    @Test
    void oneLineSaysThatNobodyTakesPartAndWhatToDo() {
        Participants participants = of(Map.of(), Map.of());
        participants.staysOut("/shop", Participants.NOTHING_SAYS_SO, info::add);

        participants.tell(info::add, warn::add);

        assertThat(info)
                .containsExactly("Holdfast development keeps the sessions of no application; it leaves alone /shop (no"
                        + " <distributable/> and no holdfast.* context-param in web.xml, and not in holdfast.apps). To"
                        + " take part: <distributable/> in web.xml, or for /shop -Dholdfast.apps=shop or"
                        + " HOLDFAST_APPS=shop.");
    }

    @Test
    void applicationThatComesLaterHasALineOfItsOwn() {
        Participants participants = of(Map.of(), Map.of());
        participants.tell(info::add, warn::add);
        assertThat(info).as("no application").isEmpty();

        participants.staysOut("/late", "a reason", info::add);

        assertThat(info).containsExactly("Holdfast leaves /late alone: a reason");
    }

    @Test
    void wrongNameIsWarnedOfAlsoWhereNobodyTakesPart() {
        Participants participants = of("/shop");

        participants.tell(info::add, warn::add);

        assertThat(participants.isNamed(AppPlace.at("/shop"))).isFalse();
        assertThat(warn)
                .containsExactly("HF-137: No application takes part by holdfast.apps: holdfast.apps is \"/shop\" (from"
                        + " system property): has \"/shop\", but each entry must be 1 to 64 of the characters A-Z a-z"
                        + " 0-9 . _ # -: shop for /shop, ROOT for the root.");
    }
}
