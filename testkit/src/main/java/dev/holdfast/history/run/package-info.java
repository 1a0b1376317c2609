/** Lets browsers work with real nodes while faults happen to them, and keeps the record for the judge. */
package dev.holdfast.history.run;
