package dev.holdfast;

import dev.holdfast.codec.KryoCodec;
import dev.holdfast.codec.ValueReport;
import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.session.ValueInspector;
import java.util.List;

/** How the values of an application are stored, and which of its classes: as its settings say. */
final class ApplicationCodec {
    private static final System.Logger LOG = System.getLogger(Holdfast.class.getName());

    private ApplicationCodec() {}

    static KryoCodec of(HoldfastConfig config, ApplicationClasses classes, ClassLoader loader, ClassFindings findings) {
        return new KryoCodec(
                loader,
                policy(config, classes, loader, findings),
                line -> LOG.log(System.Logger.Level.WARNING, line + " (" + config.app() + ")"));
    }

    private static ClassPolicy policy(
            HoldfastConfig config, ApplicationClasses classes, ClassLoader loader, ClassFindings findings) {
        ClassPatterns allow = ClassPatterns.of(config.classesAllow());
        ClassPolicy policy = switch (config.classes()) {
            case APP ->
                ClassPolicy.app(
                        allow,
                        classes::isApplicationClass,
                        classes.packages(),
                        classes::isLibraryClass,
                        name -> isPresent(loader, name));
            case STRICT -> ClassPolicy.strict(allow, classes::isApplicationClass);
            case LEARN, REPORT ->
                ClassPolicy.learn(
                        allow,
                        classes::isApplicationClass,
                        classes.packages(),
                        classes::isLibraryClass,
                        name -> isPresent(loader, name),
                        findings::add);
        };
        return policy.showingAllowAs(classes::allowing);
    }

    /** What {@code holdfast.classes=report} looks at. */
    static ValueInspector reporting(KryoCodec codec, ClassFindings findings) {
        ValueReport report = new ValueReport(codec);
        return (attribute, value, bytes) -> {
            List<String> found = report.inspect(attribute, value, bytes);
            findings.addFlaws(found);
            return found;
        };
    }

    private static boolean isPresent(ClassLoader loader, String className) {
        return loader.getResource(className.replace('.', '/') + ".class") != null;
    }
}
