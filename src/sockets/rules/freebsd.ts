/** FreeBSD's rules for the machine: F2 and F3 (lookup), F5 (copies), F9, F10 and F12 (ports). */
import { EADDRINUSE } from '../../network/errno.ts';
import { FREEBSD } from '../profiles.ts';
import {
  isBetween,
  isConnected,
  isMember,
  overlaps,
  type PortView,
  type SocketRules,
  takes,
} from './socket-rules.ts';

export const FREEBSD_RULES: SocketRules = {
  profile: FREEBSD,

  mayBind(newcomer, holders) {
    const isGroup = newcomer.localAddress.isMulticast;
    if (!isGroup && isOthers(newcomer, holders)) return -EADDRINUSE;
    const holder = bestHolder(newcomer, holders, !shares(newcomer));
    if (holder === null) return 0;
    if (!shares(newcomer)) return -EADDRINUSE;
    // For a group SO_REUSEADDR is as good as SO_REUSEPORT.
    const reusePort = (one: PortView) => one.reusePort || (isGroup && one.reuseAddr);
    if (reusePort(newcomer) && reusePort(holder)) return 0;
    return newcomer.reusePortLb && holder.reusePortLb ? 0 : -EADDRINUSE;
  },

  isFree: (newcomer, holders) => bestHolder(newcomer, holders, !shares(newcomer)) === null,

  mayConnectFrom: (newcomer, holders) =>
    holders.every((holder) =>
      isConnected(holder)
        ? holder.localAddress !== newcomer.localAddress ||
          holder.remoteAddress !== newcomer.remoteAddress ||
          holder.remotePort !== newcomer.remotePort
        : !overlaps(holder, newcomer),
    ),

  choose(holders, ends, isStream, draw) {
    const visible = holders.filter((one) => !one.isHidden);
    const exact = isStream ? undefined : visible.find((one) => isBetween(one, ends));
    if (exact !== undefined) return { socket: exact, rule: 'F1: the exact four-tuple' };
    const free = visible.filter((one) => !isConnected(one));
    const specific = free.filter((one) => one.localAddress === ends.local);
    const any = free.filter((one) => one.localAddress.isUnspecified);
    for (const list of [specific, any]) {
      const group = list.filter((one) => one.reusePortLb && (!isStream || one.isListening));
      if (group.length > 0) return { socket: group[draw(group.length)]!, rule: LB_RULE };
    }
    const first = specific[0] ?? any[0] ?? null;
    if (first === null || (isStream && !first.isListening)) return null;
    return { socket: first, rule: specific.length > 0 ? SPECIFIC_RULE : ANY_RULE };
  },

  copies(holders, ends) {
    const taking = holders.filter((one) => !one.isHidden && takes(one, ends));
    const wanting = ends.local.isMulticast
      ? taking.filter((one) => isMember(one, ends.local, ends.device))
      : taking;
    const last = wanting.findIndex((one) => !shares(one));
    return last < 0 ? wanting : wanting.slice(0, last + 1);
  },

  words: {
    connection: 'F1: the exact four-tuple',
    copies: 'F5: a copy to every match, up to the first that shares nothing',
    reopen: 'F7: a new connection takes the place of one in TIME-WAIT',
  },
};

const LB_RULE = 'F2: the load-balancing group chooses by hash';
const SPECIFIC_RULE = 'F3: the newest socket on the address';
const ANY_RULE = 'F3: the newest socket on any address';

/** Any of the three options. */
function shares(socket: PortView): boolean {
  return socket.reuseAddr || socket.reusePort || socket.reusePortLb;
}

/** F9: the port is another user's. */
function isOthers(newcomer: PortView, holders: readonly PortView[]): boolean {
  if (newcomer.uid === 0) return false;
  const holder = bestHolder(newcomer, holders, true);
  if (holder === null || holder.uid === newcomer.uid) return false;
  if (newcomer.isStream && isConnected(holder)) return false;
  const bothAny = holder.localAddress.isUnspecified && newcomer.localAddress.isUnspecified;
  return !(bothAny && holder.reusePortLb && !holder.reusePort);
}

/** in_pcblookup_local: with wildcards the closest that overlaps, else only an unconnected one of the very address. */
function bestHolder(newcomer: PortView, holders: readonly PortView[], wildcards: boolean): PortView | null {
  const isExact = (one: PortView) => one.localAddress === newcomer.localAddress;
  if (!wildcards) return holders.find((one) => !isConnected(one) && isExact(one)) ?? null;
  const distance = (one: PortView) => (isConnected(one) ? 1 : 0) + (isExact(one) ? 0 : 1);
  const meeting = holders.filter((one) => overlaps(one, newcomer));
  return meeting.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}
