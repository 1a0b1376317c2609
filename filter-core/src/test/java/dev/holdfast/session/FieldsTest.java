package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** In this order: the last one fills what all share. */
@TestMethodOrder(MethodOrderer.MethodName.class)
class FieldsTest {
    @Test
    void allSessionsHaveTheSameFieldOfAnAttribute() {
        String field = Fields.attribute("shared by all");

        assertThat(field).isEqualTo("a:shared by all");
        assertThat(Fields.attribute(String.valueOf("shared by all".toCharArray())))
                .isSameAs(field);
        assertThat(Fields.shared(String.valueOf(field.toCharArray()))).isSameAs(field);
        assertThat(Fields.shared(Fields.PRINCIPAL)).isSameAs(Fields.PRINCIPAL);
    }

    @Test
    void longNameThatAClientMayHaveMadeIsNotKept() {
        String name = "n".repeat(101);

        assertThat(Fields.attribute(name)).isEqualTo("a:" + name).isNotSameAs(Fields.attribute(name));
    }

    @Test
    void madeUpNamesAreNotKeptForEver() {
        for (int i = 0; i < 1_100; i++) {
            assertThat(Fields.attribute("made up " + i)).isEqualTo("a:made up " + i);
        }

        assertThat(Fields.attribute("one too many"))
                .isEqualTo("a:one too many")
                .isNotSameAs(Fields.attribute("one too many"));
    }
}
