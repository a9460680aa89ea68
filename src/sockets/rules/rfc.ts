/** The standards alone, for the machine: R1, R3 and R18. What they leave open is refused. */
import { EADDRINUSE } from '../../network/errno.ts';
import { UndefinedByProfile } from '../profile.ts';
import { RFC } from '../profiles.ts';
import { isBetween, isConnected, overlaps, type SocketRules } from './socket-rules.ts';

export const RFC_RULES: SocketRules = {
  profile: RFC,

  mayBind(newcomer, holders) {
    const meeting = holders.filter((one) => overlaps(one, newcomer));
    if (meeting.length === 0) return 0;
    if (newcomer.reuseAddr || newcomer.reusePort) gap('what SO_REUSEADDR and SO_REUSEPORT allow');
    const hasSame = meeting.some((one) => one.localAddress === newcomer.localAddress);
    return hasSame ? -EADDRINUSE : gap('whether the wildcard and an address may share a port');
  },

  isFree: () => gap('a range of ephemeral ports'),
  mayConnectFrom: () => gap('a range of ephemeral ports'),

  choose(holders, ends, isStream) {
    const matching = holders.filter((one) => {
      if (!one.localAddress.isUnspecified && one.localAddress !== ends.local) return false;
      if (isStream) return one.isListening;
      return !isConnected(one) || isBetween(one, ends);
    });
    if (matching.length > 1) gap(`which of ${matching.length} matching sockets gets a packet`);
    return matching[0] ?? null;
  },

  copies: () => gap('which sockets get a broadcast or multicast'),
};

function gap(what: string): never {
  throw new UndefinedByProfile('rfc', what);
}
