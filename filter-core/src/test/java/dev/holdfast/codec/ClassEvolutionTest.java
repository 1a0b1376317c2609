package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.UnreadableAttributeException;
import org.junit.jupiter.api.Test;

/** Two versions of an application run side by side during a deploy, and each reads what the other wrote. */
class ClassEvolutionTest {
    /** Decodes with one version what another made, and prints it there. */
    private static String carry(CompiledClasses from, CompiledClasses to, String simpleName) throws Exception {
        byte[] bytes = from.codec().encode("a", from.make(simpleName));
        assertThat(TestCodecs.wayOf(bytes)).isEqualTo('K');
        Object decoded = to.codec().decode("a", bytes);
        assertThat(decoded.getClass().getClassLoader()).isSameAs(to);
        return decoded.toString();
    }

    private static String cart(String fields, String made) {
        return "Cart: import java.util.*; public class Cart implements java.io.Serializable {" + fields
                + " static Cart make() { Cart c = new Cart(); " + made + " return c; } public String toString() {"
                + " return new TreeMap<>(all()).toString(); }"
                + " Map<String, Object> all() { Map<String,"
                + " Object> m = new TreeMap<>();  for (var f :"
                + " Cart.class.getDeclaredFields()) {   try {"
                + " m.put(f.getName(),"
                + " String.valueOf(f.get(this))); } catch"
                + " (Exception e) { throw new Error(e); } } "
                + " return m; } }";
    }

    @Test
    void addedFieldKeepsItsInitialValueAndRemovedFieldIsLeftOut() throws Exception {
        CompiledClasses v1 = CompiledClasses.of(cart("int count; String owner;", "c.count = 3; c.owner = \"bob\";"));
        CompiledClasses v2 = CompiledClasses.of(cart(
                "int count; List<String> notes = new ArrayList<>(List.of(\"new\"));",
                "c.count = 4; c.notes.add(\"x\");"));

        assertThat(carry(v1, v2, "Cart")).isEqualTo("{count=3, notes=[new]}");
        assertThat(carry(v2, v1, "Cart")).isEqualTo("{count=4, owner=null}");
    }

    @Test
    void referencesAndClassesFirstMetInRemovedFieldStillMeanTheSame() throws Exception {
        String line = "Line: public record Line(String article) {}";
        String price = "Price: public class Price implements java.io.Serializable { int cents;"
                + " Price(int c) { cents = c; } public String toString() { return \"\" + cents; } }";
        String made = "c.b = new Line(\"b\"); c.c = c.b; c.d = new Price(7); c.e = c.d; ";
        CompiledClasses v1 = CompiledClasses.of(
                line,
                price,
                cart(
                        "Object a; Object b; Object c; Object d; Object e;",
                        made
                                + "c.a = new ArrayList<>(List.of(new Line(\"gone\"), new Price(1), new Object[]"
                                + " {\"x\"}));"));
        CompiledClasses v2 = CompiledClasses.of(line, price, cart("Object b; Object c; Object d; Object e;", made));

        assertThat(carry(v1, v2, "Cart")).isEqualTo("{b=Line[article=b], c=Line[article=b], d=7, e=7}");
        assertThat(carry(v2, v1, "Cart")).isEqualTo("{a=null, b=Line[article=b], c=Line[article=b], d=7, e=7}");
    }

    @Test
    void whatRemovedFieldSharedWithAnotherIsStillFound() throws Exception {
        String part = "Part: public class Part implements java.io.Serializable { String name; Part inner;"
                + " public String toString() { return name + \"/\" + inner; } }";
        String made = "Part p = new Part(); p.name = \"p\"; p.inner = new Part(); p.inner.name = \"q\";";
        CompiledClasses v1 = CompiledClasses.of(
                part,
                cart(
                        "Object a; Object b; Object c; Object d;",
                        made + " c.a = List.of(\"x\", p); c.b = new Part(); c.c = p.inner; c.d = p;"));
        CompiledClasses v2 = CompiledClasses.of(part, cart("Object b; Object c; Object d;", made));

        assertThat(carry(v1, v2, "Cart")).isEqualTo("{b=null/null, c=q/null, d=p/q/null}");
    }

    @Test
    void removedFieldMayBeOfRemovedClass() throws Exception {
        String gone = "Gone: public class Gone implements java.io.Serializable { int x = 5; }";
        CompiledClasses v1 = CompiledClasses.of(
                gone,
                cart("Gone a; String b; List<Object> c;", "c.a = new Gone(); c.b = \"kept\"; c.c = List.of(\"s\");"));
        CompiledClasses v2 = CompiledClasses.of(cart("String b; List<Object> c;", ""));

        assertThat(carry(v1, v2, "Cart")).isEqualTo("{b=kept, c=[s]}");
        assertThat(v2.asked).doesNotContain("app.Gone");
    }

    @Test
    void recordComponentsMayComeAndGo() throws Exception {
        CompiledClasses v1 = CompiledClasses.of(
                "Trip: public record Trip(String from, int km, Object old) { static Trip make() { return new"
                        + " Trip(\"A\", 5, new int[] {1}); } }");
        CompiledClasses v2 = CompiledClasses.of(
                "Trip: public record Trip(boolean booked, int km, String from) { static Trip make() { return new"
                        + " Trip(true, 6, \"B\"); } }");

        assertThat(carry(v1, v2, "Trip")).isEqualTo("Trip[booked=false, km=5, from=A]");
        assertThat(carry(v2, v1, "Trip")).isEqualTo("Trip[from=B, km=6, old=null]");
    }

    @Test
    void numberMayChangeItsTypeIfNothingIsLost() throws Exception {
        CompiledClasses v1 =
                CompiledClasses.of(cart("int a; short b; Integer c; float d;", "c.a = 1; c.b = 2; c.c = 3; c.d = 4;"));
        CompiledClasses v2 =
                CompiledClasses.of(cart("long a; Integer b; long c; double d;", "c.a = 1; c.b = 2; c.c = 3; c.d = 4;"));
        CompiledClasses large = CompiledClasses.of(cart("long a;", "c.a = 1L << 40;"));

        assertThat(carry(v1, v2, "Cart")).isEqualTo("{a=1, b=2, c=3, d=4.0}");
        assertThat(carry(v2, v1, "Cart")).isEqualTo("{a=1, b=2, c=3, d=4.0}");
        assertThatThrownBy(() -> carry(large, v1, "Cart"))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessage(
                        "Attribute \"a\" cannot be read: at field a of app.Cart a stored java.lang.Long does not fit"
                                + " its type int.");
    }

    @Test
    void valueThatDoesNotFitItsFieldIsUnreadableAndNotSomethingElse() throws Exception {
        CompiledClasses v1 = CompiledClasses.of(cart("String a;", "c.a = \"12\";"));
        CompiledClasses v2 = CompiledClasses.of(cart("int a;", "c.a = 12;"));

        assertThatThrownBy(() -> carry(v1, v2, "Cart"))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessage(
                        "Attribute \"a\" cannot be read: at field a of app.Cart a stored java.lang.String does not fit"
                                + " its type int.");
        assertThatThrownBy(() -> carry(v2, v1, "Cart"))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessage("Attribute \"a\" cannot be read: at field a of app.Cart a stored java.lang.Integer does not"
                        + " fit its type java.lang.String.");
    }

    @Test
    void enumConstantsAreFoundByNameAfterOneWasInserted() throws Exception {
        String state = "State: public enum State { %s; static Object make() {"
                + " return java.util.List.of(PAID, java.util.EnumSet.of(PAID)); } }";
        CompiledClasses v1 = CompiledClasses.of(state.formatted("OPEN, PAID"));
        CompiledClasses v2 = CompiledClasses.of(state.formatted("OPEN, HELD, PAID, SENT"));

        Object decoded = v2.codec().decode("a", v1.codec().encode("a", v1.make("State")));

        assertThat(decoded).hasToString("[PAID, [PAID]]");
    }

    @Test
    void enumConstantThatDoesNotExistYetIsUnreadable() throws Exception {
        String state =
                "State: public enum State { %s; static Object make() { return values()[values().length - 1]; } }";
        CompiledClasses v1 = CompiledClasses.of(state.formatted("OPEN, PAID"));
        CompiledClasses v2 = CompiledClasses.of(state.formatted("OPEN, PAID, SENT"));

        assertThatThrownBy(() -> carry(v2, v1, "State"))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessage(
                        "Attribute \"a\" cannot be read: enum app.State has not the stored constant in this version.");
    }

    @Test
    void classOfTheValueThatIsGoneIsNamed() throws Exception {
        CompiledClasses v1 = CompiledClasses.of(cart("int a;", "c.a = 1;"));
        CompiledClasses v2 = CompiledClasses.of("Other: class Other {}");

        assertThatThrownBy(() -> carry(v1, v2, "Cart"))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessage("Attribute \"a\" cannot be read: this application has no usable class app.Cart"
                        + " (java.lang.ClassNotFoundException: app.Cart).");
    }

    @Test
    void jdkSerializationCarriesVersionsToo() throws Exception {
        String form =
                "Form: public class Form implements java.io.Serializable { private static final long serialVersionUID"
                        + " = 1; %s private void writeObject(java.io.ObjectOutputStream o) throws java.io.IOException {"
                        + " o.defaultWriteObject(); } static Form make() { return new Form(); } public String toString() {"
                        + " return \"\" + a; } }";
        CompiledClasses v1 = CompiledClasses.of(form.formatted("int a = 1;"));
        CompiledClasses v2 = CompiledClasses.of(form.formatted("int a = 2; String b = \"b\";"));

        byte[] bytes = v2.codec().encode("a", v2.make("Form"));
        Object decoded = v1.codec().decode("a", bytes);

        assertThat(TestCodecs.wayOf(bytes)).isEqualTo('J');
        assertThat(decoded).hasToString("2");
        assertThat(decoded.getClass().getClassLoader()).isSameAs(v1);
    }

    @Test
    void classThatGotItsOwnFormOfSerializationIsUnreadableAndNotHalfRead() throws Exception {
        CompiledClasses v1 = CompiledClasses.of(cart("int a;", "c.a = 1;"));
        CompiledClasses v2 =
                CompiledClasses.of(cart("int a; private Object readResolve() { return this; }", "c.a = 1;"));

        assertThatThrownBy(() -> carry(v1, v2, "Cart"))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessage(
                        "Attribute \"a\" cannot be read: class app.Cart was stored by its fields, which this version"
                                + " of it does not allow (it has its own form of serialization, or none).");
    }
}
