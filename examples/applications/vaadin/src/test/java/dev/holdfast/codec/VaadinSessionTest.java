package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.vaadin.flow.component.UI;
import com.vaadin.flow.internal.CurrentInstance;
import com.vaadin.flow.server.VaadinRequest;
import com.vaadin.flow.server.VaadinSession;
import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A session of Vaadin Flow that is read and written in the middle of a request, as Holdfast does both. */
class VaadinSessionTest {
    private final VaadinRequest request = of(VaadinRequest.class);
    private final VaadinSession session = new VaadinSession(null);
    private final KryoCodec codec = new KryoCodec(
            VaadinSessionTest.class.getClassLoader(),
            ClassPolicy.learn(ClassPatterns.NONE, name -> false, Set.of(), name -> true, name -> false, learned -> {}),
            line -> {});

    /** One that nobody asks for anything. */
    private static <T> T of(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException(method.toString());
                }));
    }

    @BeforeEach
    void begin() {
        CurrentInstance.clearAll();
        CurrentInstance.set(VaadinRequest.class, request);
    }

    @AfterEach
    void end() {
        CurrentInstance.clearAll();
    }

    @Test
    void requestIsTheCurrentOneAlsoAfterTheSessionWasReadAndWritten() throws Exception {
        byte[] stored = codec.encode("session", session);
        assertThat(VaadinRequest.getCurrent() == request).as("written").isTrue();
        assertThat(VaadinSession.getCurrent()).isNull();

        Object read = codec.decode("session", stored);
        assertThat(read).isInstanceOf(VaadinSession.class);
        assertThat(VaadinRequest.getCurrent() == request).as("read").isTrue();
        assertThat(VaadinSession.getCurrent()).isNull();
    }

    @Test
    void sessionThatIsTheCurrentOneStaysIt() throws Exception {
        CurrentInstance.set(VaadinSession.class, session);
        UI ui = new UI();
        CurrentInstance.set(UI.class, ui);

        Object ignored = codec.decode("session", codec.encode("session", session));

        assertThat(VaadinSession.getCurrent()).isSameAs(session);
        assertThat(UI.getCurrent()).isSameAs(ui);
    }
}
