package dev.holdfast.session;

import java.util.function.Predicate;

/**
 * What each commit needs.
 *
 * @param keepsUnsaved whether a copy that owes takes over what a request wants to save of which nobody knows whether it was applied
 */
record CommitServices(ProtocolContext context, Unsaved unsaved, Predicate<RequestSession> keepsUnsaved) {}
