/**
 * API: the face of the protocol to the containers, one request from its first look-up to its end. {@link
 * dev.holdfast.session.request.SessionCoordinator} puts all parts together.
 */
@NullMarked
package dev.holdfast.session.request;

import org.jspecify.annotations.NullMarked;
