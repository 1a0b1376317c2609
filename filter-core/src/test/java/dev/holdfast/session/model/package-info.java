/**
 * The model of the protocol: its real code through every order of steps, with all rules and with each taken away.
 *
 * <p>A {@link dev.holdfast.session.model.ModelScenario} says what is searched, {@link
 * dev.holdfast.session.model.ModelSearch} takes a {@link dev.holdfast.session.model.ModelWorld} through it, and {@link
 * dev.holdfast.session.model.ModelJudge} looks for broken promises; see docs/testing.md.
 */
@NullMarked
package dev.holdfast.session.model;

import org.jspecify.annotations.NullMarked;
