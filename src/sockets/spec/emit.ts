/** Segments that a TCP socket sends: to its peer, or where an earlier connection has left it pointing (K45). */
import { routeTo } from './route.ts';
import { because } from './rule.ts';
import type { DraftSocket, Work } from './step.ts';

/** Leaves by the routes as they are now; nothing where there is none. */
export function emitSegment(
  work: Work,
  socket: DraftSocket,
  kind: 'syn' | 'data' | 'fin' | 'rst',
  size: number = 0,
): void {
  const { remote, local, device, mappedFlow } = socket;
  if (remote === null) return;
  if (mappedFlow !== null && mappedFlow.to !== remote.address) work.reasons.push(because('K45'));
  const from = { address: mappedFlow?.from ?? local.address, port: local.port };
  const to = { address: mappedFlow?.to ?? remote.address, port: remote.port };
  const route = routeTo(work.draft.host, to.address, from.address, device, socket.options.transparent);
  if (typeof route === 'string') return;
  work.emissions.push({ kind, size, from, to, device: route.device, route: route.kind, socket: socket.id });
}
