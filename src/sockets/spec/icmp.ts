/** Port unreachable about a datagram of ours: which UDP sockets hear of it, and as what (L40, F6, N6, R16). */
import type { ErrnoName } from '../../network/errno.ts';
import { defined } from '../profile.ts';
import type { SpecPacket, SpecProfile } from './profile.ts';
import { holdersOf, type SpecState } from './state.ts';

/** @param packet the datagram's addresses reversed: what an answer would have looked like */
export function portUnreachable(
  state: SpecState,
  packet: SpecPacket,
  profile: SpecProfile,
): { readonly sockets: readonly number[]; readonly errno: ErrnoName } {
  if (profile.name === 'linux') {
    const id = profile.lookup(state, packet).receivers[0];
    const isConnected = state.sockets.some((one) => one.id === id && one.state === 'ESTABLISHED');
    return { sockets: id !== undefined && isConnected ? [id] : [], errno: 'ECONNREFUSED' };
  }
  const holders = holdersOf(state, 'udp', packet.dstPort);
  if (holders.length === 0) return { sockets: [], errno: 'ECONNREFUSED' };
  const mode = defined(profile, profile.udpIcmp, 'the error by which a UDP socket hears of an ICMP message');
  if (mode === 'everyone') return { sockets: holders.map(({ id }) => id), errno: 'ECONNRESET' };
  const connected = holders.filter(
    ({ state: life, local, remote }) =>
      life === 'ESTABLISHED' &&
      local.address === packet.dst &&
      remote?.address === packet.src &&
      remote.port === packet.srcPort,
  );
  return { sockets: connected.map(({ id }) => id), errno: 'ECONNREFUSED' };
}
