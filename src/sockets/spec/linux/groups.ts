/**
 * SO_REUSEPORT groups (net/core/sock_reuseport.c): who is in which, in which order. L8: the flow hash selects from the
 * members in the order of an array; the hole of one that leaves is filled by the last.
 */
import type { SpecSocket } from '../state.ts';
import { type Draft, type DraftSocket, tick } from '../step.ts';
import { L8SameName } from './dual-stack.ts';

/** L8: a socket that binds (UDP) or begins to listen (TCP) joins the group of the first socket it agrees with. */
export function L8Join(draft: Draft, socket: DraftSocket): void {
  const partner = [...draft.sockets]
    .sort((a, b) => age(b) - age(a))
    .find((one) => one.id !== socket.id && sameGroup(one, socket));
  if (partner === undefined) {
    if (socket.group === 0) found(draft, socket);
    return;
  }
  if (partner.group === 0) found(draft, partner);
  leaveGroup(draft, socket);
  const group = draft.groups[partner.group];
  if (group === undefined) return;
  group.members.push(socket.id);
  socket.group = partner.group;
}

/** Out of the group: the last member fills the hole. */
export function leaveGroup(draft: Draft, socket: DraftSocket): void {
  const group = draft.groups[socket.group];
  if (group === undefined) return;
  const at = group.members.indexOf(socket.id);
  const last = group.members.pop();
  if (last !== undefined && last !== socket.id) group.members[at] = last;
  if (group.members.length === 0) delete draft.groups[socket.group];
  socket.group = 0;
}

/** L8: key of a group: device, port, owner, family and exactly the same address (any only equals any); the option on both. */
function sameGroup(one: SpecSocket, socket: SpecSocket): boolean {
  const inTable = socket.transport === 'udp' ? one.order.listed !== 0 : one.state === 'LISTEN';
  return (
    inTable &&
    one.transport === socket.transport &&
    one.options.reusePort &&
    one.local.port === socket.local.port &&
    L8SameName(one, socket) &&
    one.device === socket.device &&
    one.uid === socket.uid
  );
}

function age(socket: SpecSocket): number {
  return socket.transport === 'udp' ? socket.order.bound : socket.order.listening;
}

function found(draft: Draft, socket: DraftSocket): void {
  const id = tick(draft);
  draft.groups[id] = { members: [socket.id], hasConnections: false };
  socket.group = id;
}
