package org.springframework.session.web.http;

/** Stands for the filter by which Spring Session takes the container's place. */
public final class SessionRepositoryFilter {}
