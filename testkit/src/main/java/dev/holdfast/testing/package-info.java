/** Real parts for tests of all modules. */
package dev.holdfast.testing;
