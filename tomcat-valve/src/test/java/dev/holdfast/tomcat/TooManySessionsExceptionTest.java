package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;

class TooManySessionsExceptionTest {
    @Test
    void isAnExceptionOfTheJdkWhereItIsSerialized() throws Exception {
        TooManySessionsException thrown = new TooManySessionsException("no session more", 5);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(thrown);
        }

        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat((Throwable) in.readObject())
                    .isExactlyInstanceOf(IllegalStateException.class)
                    .hasMessage(thrown.getMessage());
        }
    }
}
