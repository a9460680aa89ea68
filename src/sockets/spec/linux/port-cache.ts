/**
 * What Linux's TCP remembers of a local port besides the sockets that hold it (struct inet_bind_bucket and
 * inet_bind2_bucket). It was meant as a short cut of the conflict check, and shows: rules K6 and L21.
 */
import type { Reason } from '../rule.ts';
import { because } from '../rule.ts';
import { boundName, type PortCache, type SpecSocket } from '../state.ts';
import type { Draft, DraftSocket } from '../step.ts';
import { K6Covers } from './dual-stack.ts';

/** K6: the port's last SO_REUSEPORT user and this socket agree, whatever older holders say. */
export function K6CachedReusePort(cache: PortCache, socket: SpecSocket): Reason | null {
  const cached = cache.reusePort;
  if (cached === null || !socket.options.reusePort || socket.group !== 0) return null;
  if (cached.uid !== socket.uid) return null;
  if (!K6Covers(cached, boundName(socket))) return null;
  return because(
    'K6',
    `port ${socket.local.port} remembers SO_REUSEPORT of user ${cached.uid}: nobody is asked`,
  );
}

/** A socket got its port by bind() or listen(), the conflict check passed (inet_csk_update_fastreuse). */
export function rememberBind(draft: Draft, socket: DraftSocket): void {
  const { port, address } = socket.local;
  const known = draft.ports[port];
  const reusePort = socket.options.reusePort ? { uid: socket.uid, ...boundName(socket) } : null;
  if (known === undefined) {
    draft.ports[port] = { reusePort, connectOnly: false, addresses: { [address]: false } };
    return;
  }
  const agreed = reusePort !== null && K6CachedReusePort(known, socket) !== null;
  known.reusePort = agreed ? known.reusePort : reusePort;
  known.connectOnly = false;
  known.addresses[address] = false;
}

/** connect() chose the port: a new one is for connections only, a shared one stays so. */
export function rememberConnect(draft: Draft, socket: DraftSocket): void {
  const { port, address } = socket.local;
  draft.ports[port] ??= { reusePort: null, connectOnly: true, addresses: {} };
  draft.ports[port].addresses[address] ??= true;
}

/** A child of a listener holds the listener's port at its own address (K5). */
export function rememberChild(draft: Draft, socket: DraftSocket): void {
  const known = draft.ports[socket.local.port];
  if (known !== undefined) known.addresses[socket.local.address] ??= false;
}

/** connect() or disconnect() moved a socket that keeps its port to another local address. */
export function rememberMove(draft: Draft, socket: DraftSocket, from: string): void {
  forgetAddress(draft, socket.local.port, from);
  const known = draft.ports[socket.local.port];
  if (known !== undefined) known.addresses[socket.local.address] ??= socket.named.byConnect;
}

/**
 * A socket gave its port back. When only connections remain that chose the port themselves, the port becomes
 * shareable among connections again (L21).
 */
export function forget(draft: Draft, port: number, address: string): void {
  forgetAddress(draft, port, address);
  const known = draft.ports[port];
  if (known === undefined) return;
  const addresses = Object.values(known.addresses);
  if (addresses.length === 0) delete draft.ports[port];
  else if (addresses.every((connectOnly) => connectOnly)) {
    draft.ports[port] = { ...known, reusePort: null, connectOnly: true };
  }
}

function forgetAddress(draft: Draft, port: number, address: string): void {
  const known = draft.ports[port];
  if (known === undefined) return;
  const left = draft.sockets.filter(
    (one) => one.transport === 'tcp' && one.local.port === port && one.local.address === address,
  );
  if (left.length === 0) delete known.addresses[address];
  else if (left.every((one) => one.named.byConnect)) known.addresses[address] = true;
}

/** Is the port one that connect() may share (if the four-tuple is free)? */
export function isShareable(cache: PortCache | undefined): boolean {
  return cache === undefined || cache.connectOnly;
}
