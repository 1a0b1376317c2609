package dev.holdfast.costs;

import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.TomcatDistribution;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Puts Spring Session Data Redis with its defaults into an application, whether that uses Spring or not. */
final class SpringSession {
    /** The system property that says at which port Redis is. */
    static final String REDIS = "costs.redis";

    /** Pattern of the keys of its sessions. */
    static final String KEYS = "spring:session:sessions:*";

    /** Where the profile {@code costs} copies Spring Session to, with all that it needs. */
    private static final Path LIBRARIES = Path.of("target", "spring-session").toAbsolutePath();

    private static final String NAME = "com.example.sessions.Sessions";

    /** In front of all other filters, Spring Security's among them: the container takes the application's own first. */
    private static final String SOURCE = """
            package com.example.sessions;

            import jakarta.servlet.DispatcherType;
            import jakarta.servlet.Filter;
            import jakarta.servlet.FilterRegistration;
            import jakarta.servlet.ServletContainerInitializer;
            import jakarta.servlet.ServletContext;
            import java.util.EnumSet;
            import java.util.Set;
            import org.springframework.context.annotation.AnnotationConfigApplicationContext;
            import org.springframework.context.annotation.Bean;
            import org.springframework.context.annotation.Configuration;
            import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
            import org.springframework.session.SaveMode;
            import org.springframework.session.data.redis.config.annotation.web.http.EnableRedisHttpSession;

            public class Sessions implements ServletContainerInitializer {
                @Configuration
                @EnableRedisHttpSession(saveMode = SaveMode.SAVE_MODE)
                static class Config {
                    @Bean
                    LettuceConnectionFactory redis() {
                        return new LettuceConnectionFactory("127.0.0.1", Integer.getInteger("REDIS"));
                    }
                }

                @Override
                public void onStartup(Set<Class<?>> none, ServletContext application) {
                    Filter sessions = new AnnotationConfigApplicationContext(Config.class)
                            .getBean("springSessionRepositoryFilter", Filter.class);
                    FilterRegistration.Dynamic filter = application.addFilter("sessions", sessions);
                    filter.setAsyncSupported(true);
                    filter.addMappingForUrlPatterns(
                            EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR), false, "/*");
                }
            }
            """.replace("REDIS", REDIS);

    private SpringSession() {}

    /** A copy of an exploded application with it; by default it saves ON_SET_ATTRIBUTE. */
    static Path in(Path application, String saveMode) {
        try (Stream<Path> files = Files.list(LIBRARIES)) {
            List<Path> libraries = files.toList();
            ExplodedApplication copy = ExplodedApplication.copyOf(application);
            for (Path library : libraries) {
                if (!Files.exists(application.resolve("WEB-INF/lib").resolve(library.getFileName()))) {
                    copy.library(library);
                }
            }
            return copy.source(NAME, SOURCE.replace("SAVE_MODE", saveMode), withServletApi(libraries))
                    .file("WEB-INF/classes/META-INF/services/jakarta.servlet.ServletContainerInitializer", NAME)
                    .path();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "No Spring Session in " + LIBRARIES + ": -Pcosts and -Pbenchmark copy it there", e);
        }
    }

    private static Path[] withServletApi(List<Path> libraries) {
        return Stream.concat(libraries.stream(), Stream.of(TomcatDistribution.TOMCAT_10_1.library("servlet-api.jar")))
                .toArray(Path[]::new);
    }
}
