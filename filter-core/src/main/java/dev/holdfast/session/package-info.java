/**
 * API and ports: the values of the session protocol, and what others implement for it. The protocol says who may serve
 * a session from memory, when a change is durable, and what happens when two nodes meet; its parts are in the packages
 * below this one, each of which sees those before it: {@code copy}, {@code commit}, {@code outage}, {@code recovery},
 * {@code expiry}, {@code request}.
 *
 * <p>Compiles against the JDK alone. Everything outside is behind a port ({@link dev.holdfast.session.SessionStore},
 * {@link dev.holdfast.session.AttributeCodec}, {@link dev.holdfast.session.ContainerSession}).
 */
@NullMarked
package dev.holdfast.session;

import org.jspecify.annotations.NullMarked;
