/**
 * Port: the cookies of a session, whichever container sets them. {@link dev.holdfast.cookie.SessionCookies} decides, a
 * container shows each request and its answer as a {@link dev.holdfast.cookie.CookieExchange}.
 */
@NullMarked
package dev.holdfast.cookie;

import org.jspecify.annotations.NullMarked;
