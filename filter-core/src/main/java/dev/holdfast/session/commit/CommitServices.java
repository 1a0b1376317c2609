package dev.holdfast.session.commit;

import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestUse;
import java.util.function.Predicate;

/**
 * What each commit needs.
 *
 * @param keepsUnsaved whether a copy that owes takes over what a request wants to save of which nobody knows whether it
 *     was applied
 */
public record CommitServices(ProtocolContext context, ChangeFinder unsaved, Predicate<RequestUse> keepsUnsaved) {}
