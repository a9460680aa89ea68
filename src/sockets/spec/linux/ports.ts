/**
 * Linux: the local port when the program names none. L18 and L26 for bind(0) and autobind, L20 and L21 for connect().
 * The kernel starts at a random or hashed place; the specification says the set.
 */
import { LINUX } from '../../profiles.ts';
import { type PortChoice, type PortRange, portChoice } from '../port-choice.ts';
import { holdersOf, type SpecSocket, type SpecState } from '../state.ts';
import { L15Conflict, L25Conflict } from './conflict.ts';
import { isShareable } from './port-cache.ts';

/** L18: TCP bind(0): odd offsets first, then even; with SO_REUSEADDR in the lower half of the range, then in the upper. */
export function L18FreePorts(state: SpecState, socket: SpecSocket): PortChoice {
  const [low, high] = rangeOf(state, socket);
  const halves = socket.options.reuseAddr && high + 1 - low >= 4 ? halve(low, high) : [[low, high] as const];
  const ranges = halves.flatMap(([from, to]) => byParity(from, to, 1));
  return portChoice(ranges, (port) =>
    holdersOf(state, 'tcp', port).every((holder) => !L15Conflict(socket, holder, false).conflict),
  );
}

/** L26: UDP: a port on which every holder could be shared with counts as free. */
export function L26FreePorts(state: SpecState, socket: SpecSocket): PortChoice {
  const [low, high] = rangeOf(state, socket);
  return portChoice([{ first: low, step: 1, count: high - low + 1 }], (port) =>
    holdersOf(state, 'udp', port).every((holder) => L25Conflict(socket, holder)?.conflict !== true),
  );
}

/** L20, L21: TCP connect(): even offsets first, then odd; shared with other connections if the four-tuple is free. */
export function L20ConnectPorts(state: SpecState, socket: SpecSocket): PortChoice {
  const [low, high] = rangeOf(state, socket);
  const own = socket.options.portRange !== null;
  const ranges = own ? [{ first: low, step: 1, count: high - low + 1 }] : byParity(low, high, 0);
  return portChoice(
    ranges,
    (port) => isShareable(state.ports[port]) && L22FreeQuad(state, socket, port) === null,
  );
}

/** L22: who has the four-tuple that `socket` would get with this port; null = it is free. */
export function L22FreeQuad(
  state: SpecState,
  socket: SpecSocket,
  port: number,
): SpecSocket | 'request' | null {
  const same = (local: SpecSocket['local'], remote: SpecSocket['local'] | null) =>
    local.port === port &&
    local.address === socket.local.address &&
    remote !== null &&
    remote.address === socket.remote?.address &&
    remote.port === socket.remote?.port;
  const taken = state.sockets.find(
    (one) =>
      one.id !== socket.id &&
      one.transport === 'tcp' &&
      one.order.connected > 0 &&
      same(one.local, one.remote) &&
      (one.device === null || one.device === socket.device),
  );
  if (taken !== undefined) return taken;
  const half = state.requests.some(
    (one) => same(one.local, one.remote) && (one.device === null || one.device === socket.device),
  );
  return half ? 'request' : null;
}

function rangeOf(state: SpecState, socket: SpecSocket): readonly [number, number] {
  const defaults = LINUX.ephemeral;
  const [low, high] = state.host.portRange ?? [defaults?.first ?? 0, defaults?.last ?? 0];
  const own = socket.options.portRange;
  if (own === null) return [low, high];
  // A bound that the host's range does not have counts as none.
  const within = (port: number) => port >= low && port <= high;
  return [within(own[0]) ? own[0] : low, within(own[1]) ? own[1] : high];
}

/** Linux cuts an odd last port off a range of more than one before it goes by parity. */
function byParity(low: number, high: number, firstOffset: 0 | 1): PortRange[] {
  const all = high - low + 1;
  const even = all > 1 ? all - (all % 2) : all;
  const of = (offset: number): PortRange => ({
    first: low + offset,
    step: 2,
    count: Math.ceil((even - offset) / 2),
  });
  return firstOffset === 0 ? [of(0), of(1)] : [of(1), of(0)];
}

function halve(low: number, high: number): (readonly [number, number])[] {
  const half = low + Math.floor((high + 1 - low) / 4) * 2;
  return [
    [low, half - 1],
    [half, high],
  ];
}
