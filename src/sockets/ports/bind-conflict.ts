/**
 * When two sockets cannot hold the same TCP port (rule L15). Pure questions about a newcomer and a holder; which
 * holders are asked is the business of `tcp-ports.ts`.
 */
import { ANY_V4, ANY_V6 } from '../../packet/ip-address.ts';
import { namesOverlap } from '../demux/dual-stack.ts';
import type { AddressBucket, PortBucket, PortHolder } from './bind-buckets.ts';

/**
 * How strict the question is.
 * - 'bind': bind() with a port, and listen();
 * - 'choose': bind() that looks for a free port: sharing is out of the question (L18);
 * - 'choose-reuse': the same with ip_autobind_reuse, when no port was free: SO_REUSEADDR sockets may share.
 */
export type Strictness = 'bind' | 'choose' | 'choose-reuse';

/** L15 for one holder; addresses are not looked at. */
export function holderRefuses(newcomer: PortHolder, holder: PortHolder, strictness: Strictness): boolean {
  if (newcomer === holder || !devicesOverlap(newcomer, holder)) return false;
  const bothReusePort =
    newcomer.reusePort && holder.reusePort && (holder.isTimeWait || holder.uid === newcomer.uid);
  if (newcomer.reuseAddr && holder.reuseAddr && !holder.isListening) {
    return strictness === 'choose' || (strictness === 'choose-reuse' && bothReusePort);
  }
  return strictness !== 'bind' || !bothReusePort;
}

/** Does any holder whose address overlaps refuse? A specific address meets its equals and the wildcards, a wildcard meets all (L37). */
export function bucketRefuses(newcomer: PortHolder, bucket: PortBucket, strictness: Strictness): boolean {
  if (newcomer.localAddress.isUnspecified) {
    for (const address of bucket.addresses.values())
      if (addressRefuses(newcomer, address, strictness)) return true;
    return false;
  }
  return (
    addressRefuses(newcomer, bucket.addresses.get(ANY_V4), strictness) ||
    addressRefuses(newcomer, bucket.addresses.get(ANY_V6), strictness) ||
    addressRefuses(newcomer, bucket.addresses.get(newcomer.localAddress), strictness)
  );
}

/** Either takes packets from any device, or both from the same. */
export function devicesOverlap(
  a: { readonly device: object | null },
  b: { readonly device: object | null },
): boolean {
  return a.device === null || b.device === null || a.device === b.device;
}

function addressRefuses(
  newcomer: PortHolder,
  address: AddressBucket | undefined,
  strictness: Strictness,
): boolean {
  if (address === undefined) return false;
  for (let node = address.holders.head; node !== null; node = node.next) {
    if (namesOverlap(newcomer, node.item) && holderRefuses(newcomer, node.item, strictness)) return true;
  }
  return false;
}
