/** What a click of an application costs, by who keeps its sessions. */
package dev.holdfast.costs;
