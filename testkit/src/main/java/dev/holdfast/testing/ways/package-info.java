/**
 * A web application with a servlet for each way in which a response can be committed; runs inside the containers of the
 * tests.
 */
package dev.holdfast.testing.ways;
