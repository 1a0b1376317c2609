package dev.holdfast.codec.policy;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tells by its package whether a class of WEB-INF/lib is the application's own, of another module of the same build:
 * its package begins with the same three segments as one of WEB-INF/classes, or with the same two where these are a
 * name of one owner. Immutable.
 *
 * <p>{@code com.shop.web} in WEB-INF/classes makes {@code com.shop.model} the application's own; {@code
 * org.apache.demo.web} makes {@code org.apache.demo.model} its own, and not {@code org.apache.commons}.
 */
final class OwnPackages {
    /** Where many publish: two segments are not one owner's. */
    private static final Set<String> SHARED = Set.of(
            "org.apache",
            "org.vaadin",
            "org.grails",
            "org.wicketstuff",
            "com.opensymphony",
            "com.netflix",
            "com.atlassian",
            "com.aliyun",
            "cn.hutool",
            "eu.europa",
            "ch.admin",
            "grails.plugins",
            "org.springframework",
            "org.eclipse",
            "org.hibernate",
            "org.jboss",
            "org.wildfly",
            "org.glassfish",
            "org.codehaus",
            "org.jetbrains",
            "org.primefaces",
            "org.omnifaces",
            "org.ow2",
            "org.scala",
            "org.joda",
            "org.slf4j",
            "org.thymeleaf",
            "org.mozilla",
            "org.opensaml",
            "org.pac4j",
            "org.camunda",
            "org.flowable",
            "org.activiti",
            "org.mybatis",
            "org.jooq",
            "org.keycloak",
            "org.sonatype",
            "org.bouncycastle",
            "org.json",
            "org.redisson",
            "org.mongodb",
            "org.postgresql",
            "org.infinispan",
            "com.google",
            "com.sun",
            "com.oracle",
            "com.ibm",
            "com.microsoft",
            "com.azure",
            "com.amazonaws",
            "com.fasterxml",
            "com.vaadin",
            "com.nimbusds",
            "com.liferay",
            "com.sap",
            "com.vmware",
            "com.redhat",
            "com.alibaba",
            "com.squareup",
            "com.typesafe",
            "com.mysql",
            "com.hazelcast",
            "com.github",
            "com.gitlab",
            "com.gitee",
            "com.googlecode",
            "com.sourceforge",
            "com.bitbucket",
            "io.github",
            "io.gitlab",
            "io.gitee",
            "io.netty",
            "io.quarkus",
            "io.micronaut",
            "io.micrometer",
            "io.swagger",
            "io.vertx",
            "io.vavr",
            "io.undertow",
            "io.spring",
            "io.projectreactor",
            "io.jsonwebtoken",
            "net.sf",
            "net.sourceforge",
            "net.java",
            "net.bytebuddy",
            "software.amazon",
            "redis.clients",
            "ch.qos",
            "de.codecentric");

    /** uk.co, au.com …: the third segment is the owner's. */
    private static final Pattern SECOND_LEVEL = Pattern.compile(
            "[a-z]{2}\\.(co|com|org|net|gov|gob|gouv|govt|gc|ac|edu|or|ne|go|gv|nom|web|gen|nhs|ltd|plc|sch|id)");

    /** Of the languages and their standards: never an application's, whatever stands in its WEB-INF. */
    private static final Set<String> STANDARD = Set.of("java", "javax", "jakarta", "jdk", "sun", "kotlin", "scala");

    private final Set<String> own = new HashSet<>();

    /** @param packages of WEB-INF/classes, like {@code com.shop.web} */
    OwnPackages(Collection<String> packages) {
        for (String name : packages) {
            String[] segments = name.split("\\.", -1);
            if (segments.length < 2 || STANDARD.contains(segments[0])) {
                continue;
            }
            String two = segments[0] + "." + segments[1];
            if (!isShared(two)) {
                own.add(two);
            } else if (segments.length > 2) {
                own.add(two + "." + segments[2]);
            }
        }
    }

    static boolean isShared(String two) {
        return SHARED.contains(two) || SECOND_LEVEL.matcher(two).matches();
    }

    /** @param className the binary name of a class of WEB-INF/lib that is no array */
    boolean has(String className) {
        int second = className.indexOf('.', className.indexOf('.') + 1);
        if (second < 0) {
            return false;
        }
        int third = className.indexOf('.', second + 1);
        return own.contains(className.substring(0, second))
                || (third > 0 && own.contains(className.substring(0, third)));
    }
}
