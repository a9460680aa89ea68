/** R5: a connection, a handshake or a TIME-WAIT record between the two ends is there; it keeps them. */
import { holdersOf, requestBetween, type SpecSocket, type SpecState } from '../state.ts';

export function R5QuadHolder(state: SpecState, socket: SpecSocket): { held: boolean; takes: null } {
  const { remote, local } = socket;
  if (remote === null) return { held: false, takes: null };
  const isOther = holdersOf(state, socket.transport, local.port).some(
    (one) =>
      one.id !== socket.id &&
      one.local.address === local.address &&
      one.remote?.address === remote.address &&
      one.remote.port === remote.port,
  );
  return { held: isOther || requestBetween(state, local, remote) !== null, takes: null };
}
