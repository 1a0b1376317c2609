/**
 * Internal: a client of Redis, Valkey, Sentinel and Redis Cluster. It knows no key and no script of Holdfast. Jedis
 * speaks the protocol; pools, deadlines, the search for primaries and second attempts are our own, for three reasons:
 *
 * <ul>
 *   <li><b>Each wait ends with the request's budget</b>, that for a connection, for connecting and for the owner of a
 *       slot included. The pools of Jedis (commons-pool2) and its classes for Sentinel and Cluster have limits that are
 *       fixed beforehand.
 *   <li><b>Nothing is sent to another primary before whoever trusts its memory has heard of it.</b> Jedis learns of a
 *       failover by a message of the sentinels that may be lost, or by an answer to what it has sent already.
 *   <li><b>One part of a cluster that is away costs that part.</b> Jedis' class for clusters refuses everything when a
 *       slot has no owner, and sends commands again by itself, whatever became of them.
 * </ul>
 */
@NullMarked
package dev.holdfast.redis.client;

import org.jspecify.annotations.NullMarked;
