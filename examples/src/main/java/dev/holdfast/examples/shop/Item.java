package dev.holdfast.examples.shop;

import java.io.Serializable;

/**
 * One thing in a cart.
 *
 * @param name what the customer put in
 * @param addedOn name of the node that put it in
 */
record Item(String name, String addedOn) implements Serializable {}
