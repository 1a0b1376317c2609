/**
 * The session protocol: who may serve a session from memory, when a change is durable, and what happens when two nodes meet.
 *
 * <p>Compiles against the JDK alone. {@link dev.holdfast.session.SessionCoordinator} decides; everything outside is behind a
 * port ({@link dev.holdfast.session.SessionStore}, {@link dev.holdfast.session.AttributeCodec},
 * {@link dev.holdfast.session.LocalSession}).
 */
@NullMarked
package dev.holdfast.session;

import org.jspecify.annotations.NullMarked;
