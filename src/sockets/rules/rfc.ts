/** The standards alone, for the machine: R1, R3 and R18. What they leave open is refused. */
import { EADDRINUSE } from '../../network/errno.ts';
import { UndefinedByProfile } from '../profile.ts';
import { RFC } from '../profiles.ts';
import { isBetween, isConnected, isMember, overlaps, type SocketRules, takes } from './socket-rules.ts';

export const RFC_RULES: SocketRules = {
  profile: RFC,

  mayBind(newcomer, holders) {
    const meeting = holders.filter((one) => overlaps(one, newcomer));
    if (meeting.length === 0) return 0;
    if (newcomer.reuseAddr || newcomer.reusePort) gap('what SO_REUSEADDR and SO_REUSEPORT allow');
    const hasSame = meeting.some((one) => one.localAddress === newcomer.localAddress);
    return hasSame ? -EADDRINUSE : gap('whether the wildcard and an address may share a port');
  },

  // RFC 6056 3.3.1: a port that is in nobody's way.
  isFree: (newcomer, holders) => !holders.some((one) => overlaps(one, newcomer)),
  mayConnectFrom: (newcomer, holders) => !holders.some((one) => overlaps(one, newcomer)),

  choose(holders, ends, isStream) {
    const matching = holders.filter((one) => {
      if (!one.localAddress.isUnspecified && one.localAddress !== ends.local) return false;
      if (isStream) return one.isListening;
      return !isConnected(one) || isBetween(one, ends);
    });
    if (matching.length > 1) gap(`which of ${matching.length} matching sockets gets a packet`);
    const [socket] = matching;
    return socket === undefined ? null : { socket, rule: isStream ? LISTEN_RULE : DATAGRAM_RULE };
  },

  copies(holders, ends) {
    const taking = holders.filter((one) => takes(one, ends));
    const kind = ends.local.isMulticast ? 'multicast' : 'broadcast';
    if (taking.length > 1) gap(`which of ${taking.length} matching sockets get a ${kind}`);
    const [only] = taking;
    if (only !== undefined && ends.local.isMulticast && !isMember(only, ends.local, ends.device))
      gap('whether a socket that has not joined a group gets its datagrams');
    return taking;
  },

  words: {
    connection: 'R1: the connection between these two ends',
    copies: 'R18: the one socket that matches',
    reopen: 'R12: a new connection takes the place of one in TIME-WAIT',
  },
};

const LISTEN_RULE = 'R3: the LISTEN for this address';
const DATAGRAM_RULE = 'R18: the one socket that matches';

function gap(what: string): never {
  throw new UndefinedByProfile('rfc', what);
}
