package dev.holdfast.codec.policy;

/**
 * Classes that are known from attacks on deserialization: reading one back, comparing, printing or ending it calls
 * what its fields name, or reads bytes by a stream of its own, past the policy. None belongs into a session; they are
 * refused in every mode, whatever else allows them.
 *
 * <p>The list is no wall by itself: what is not allowed is refused anyway. It keeps a wide pattern, a preset or {@code
 * holdfast.classes=learn} from letting them in.
 */
final class KnownGadgets {
    private static final ClassPatterns NAMES = ClassPatterns.parse("""
        bsh.**, clojure.**, groovy.lang.Closure, groovy.lang.Script, groovy.lang.GroovyShell, groovy.util.Expando,
        org.codehaus.groovy.runtime.ConvertedClosure, org.codehaus.groovy.runtime.MethodClosure,
        org.codehaus.groovy.runtime.CurriedClosure, org.codehaus.groovy.runtime.ComposedClosure,
        org.codehaus.groovy.runtime.ConversionHandler, org.codehaus.groovy.runtime.callsite.**,
        org.codehaus.groovy.runtime.metaclass.**, org.mozilla.javascript.**, org.python.core.**, org.jython.**,
        org.jruby.**, javassist.**, net.sf.cglib.**, org.aspectj.weaver.**,
        org.apache.commons.beanutils.BeanComparator, org.apache.commons.beanutils.BeanPredicate,
        org.apache.commons.beanutils.BeanPropertyValueChangeClosure,
        org.apache.commons.beanutils.BeanPropertyValueEqualsPredicate,
        org.apache.commons.beanutils.BeanToPropertyValueTransformer, org.apache.commons.beanutils2.BeanComparator,
        org.apache.commons.beanutils2.BeanPredicate, org.apache.commons.beanutils2.BeanPropertyValueChangeClosure,
        org.apache.commons.beanutils2.BeanPropertyValueChangeConsumer,
        org.apache.commons.beanutils2.BeanPropertyValueEqualsPredicate,
        org.apache.commons.beanutils2.BeanPropertyValuePredicate,
        org.apache.commons.beanutils2.BeanToPropertyValueTransformer,
        org.apache.commons.beanutils2.BeanToPropertyValueFunction, org.apache.commons.collections.functors.**,
        org.apache.commons.collections4.functors.**, org.apache.commons.collections.map.LazyMap,
        org.apache.commons.collections4.map.LazyMap, org.apache.commons.collections.map.LazySortedMap,
        org.apache.commons.collections4.map.LazySortedMap, org.apache.commons.collections.map.DefaultedMap,
        org.apache.commons.collections4.map.DefaultedMap, org.apache.commons.collections.map.TransformedMap,
        org.apache.commons.collections4.map.TransformedMap, org.apache.commons.collections.keyvalue.TiedMapEntry,
        org.apache.commons.collections4.keyvalue.TiedMapEntry,
        org.apache.commons.collections.comparators.TransformingComparator,
        org.apache.commons.collections4.comparators.TransformingComparator, org.apache.commons.configuration.**,
        org.apache.commons.configuration2.**, org.apache.commons.fileupload.**, org.apache.commons.fileupload2.**,
        org.apache.wicket.util.upload.**, org.apache.commons.dbcp.**, org.apache.commons.dbcp2.**,
        org.apache.tomcat.dbcp.**, com.mchange.**, com.zaxxer.hikari.**, com.alibaba.druid.**, org.apache.xbean.**,
        org.apache.webbeans.inject.impl.InjectionPointImpl, org.apache.webbeans.inject.instance.InstanceImpl,
        org.apache.webbeans.inject.instance.InstanceImpl$InstanceInjectionPoint,
        org.apache.webbeans.portable.InjectionPointProducer$InjectionPointDelegate,
        org.apache.openjpa.ee.**, org.apache.ibatis.executor.loader.**, org.h2.jdbcx.**, org.apache.activemq.**,
        com.tangosol.**, weblogic.**, org.apache.commons.lang3.event.EventUtils$EventBindingInvocationHandler,
        com.caucho.**, org.apache.xalan.**, com.sun.org.apache.**,
        !com.sun.org.apache.xerces.internal.jaxp.datatype.**, com.sun.rowset.**, com.sun.jndi.**, sun.rmi.**,
        java.rmi.**, javax.management.**, javax.naming.Reference, javax.naming.InitialContext, javax.naming.spi.**,
        javax.naming.ldap.Rdn$RdnEntry, java.security.SignedObject, org.apache.click.control.Column,
        org.apache.myfaces.view.facelets.el.ValueExpressionMethodExpression, com.vaadin.data.util.**,
        com.vaadin.v7.data.util.**, com.fasterxml.jackson.databind.node.POJONode,
        tools.jackson.databind.node.POJONode, com.alibaba.fastjson.**, com.alibaba.fastjson2.**, net.sf.json.**,
        com.rometools.rome.feed.impl.**, com.sun.syndication.feed.impl.**, rome.feed.impl.**,
        org.hibernate.engine.spi.TypedValue, org.hibernate.engine.TypedValue, org.hibernate.tuple.**,
        org.hibernate.type.ComponentType, org.hibernate.property.**, org.jboss.interceptor.**, org.jboss.proxy.**,
        org.springframework.aop.**, org.springframework.beans.factory.**, org.springframework.jndi.**,
        org.springframework.core.SerializableTypeWrapper$MethodInvokeTypeProvider,
        org.springframework.core.SerializableTypeWrapper$TypeProvider,
        org.springframework.core.SerializableTypeWrapper$TypeProxyInvocationHandler,
        org.springframework.transaction.jta.**, org.springframework.expression.**, ognl.**,
        org.apache.struts2.ognl.**, com.opensymphony.xwork2.ognl.**, org.mvel2.**,
        freemarker.**, org.apache.velocity.**, ch.qos.logback.core.db.**, ch.qos.logback.core.net.**,
        org.apache.logging.log4j.core.appender.db.**, scala.collection.immutable.LazyList$SerializationProxy,
        scala.sys.process.**, scala.tools.**, org.apache.tools.ant.**, org.apache.bcel.**, org.htmlunit.**
        """);

    private KnownGadgets() {}

    /** @param name the binary name of a class that is no array */
    static boolean has(String name) {
        return NAMES.match(name) || isRelocated(name);
    }

    /** A copy of a library under the name of another: com.shop.shaded.org.apache.commons… */
    private static boolean isRelocated(String name) {
        for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
            if ((name.startsWith("org.", dot + 1)
                            || name.startsWith("com.", dot + 1)
                            || name.startsWith("net.", dot + 1))
                    && NAMES.match(name.substring(dot + 1))) {
                return true;
            }
        }
        return false;
    }
}
