/** Windows' rules for the machine, as far as they are documented: W0 (second binds), W1, N3 (lookup). */
import { EACCES, EADDRINUSE } from '../../network/errno.ts';
import { UndefinedByProfile } from '../profile.ts';
import { WINDOWS } from '../profiles.ts';
import {
  isBetween,
  isConnected,
  isMember,
  overlaps,
  type PortView,
  type SocketRules,
  takes,
} from './socket-rules.ts';

/** W0: rows: first bind (default, REUSEADDR, EXCLUSIVE; wildcard, specific); columns: second. S ok, I in use, A access. */
const SAME_USER: Readonly<Record<string, string>> = {
  Dw: 'ISASIS',
  Ds: 'SISAII',
  Rw: 'ISSSIS',
  Rs: 'SISSII',
  Ew: 'IAAAIA',
  Es: 'SISAII',
};
const OTHER_USER: Readonly<Record<string, string>> = {
  Dw: 'IAAAIA',
  Ds: 'SISAII',
  Rw: 'IASSIA',
  Rs: 'SISSII',
  Ew: 'IAAAIA',
  Es: 'SISAII',
};
const COLUMNS = ['Dw', 'Ds', 'Rw', 'Rs', 'Ew', 'Es'];

export const WINDOWS_RULES: SocketRules = {
  profile: WINDOWS,

  mayBind(newcomer, holders) {
    for (const holder of [...holders].reverse()) {
      if (!overlaps(holder, newcomer)) continue; // W1
      const table = holder.uid === newcomer.uid ? SAME_USER : OTHER_USER;
      const letter = table[cellOf(holder)]![COLUMNS.indexOf(cellOf(newcomer))]!;
      if (letter !== 'S') return letter === 'A' ? -EACCES : -EADDRINUSE;
    }
    return 0;
  },

  isFree: (newcomer, holders) => !holders.some((holder) => overlaps(holder, newcomer)),

  mayConnectFrom: (_, holders) => holders.length === 0,

  choose(holders, ends, isStream, draw) {
    const exact = isStream ? undefined : holders.filter((one) => isBetween(one, ends));
    const free = holders.filter((one) => !isConnected(one) && (!isStream || one.isListening));
    const lists = [
      exact ?? [],
      free.filter((one) => one.localAddress === ends.local),
      free.filter((one) => one.localAddress.isUnspecified),
    ];
    const best = lists.find((list) => list.length > 0);
    if (best === undefined) return null;
    const rule = best.length > 1 ? SHARED_RULE : best === lists[0] ? EXACT_RULE : BEST_RULE;
    return { socket: best[draw(best.length)]!, rule };
  },

  copies(holders, ends) {
    const taking = holders.filter((one) => takes(one, ends));
    if (ends.local.isMulticast) return taking.filter((one) => isMember(one, ends.local, ends.device));
    if (taking.length <= 1) return taking;
    throw new UndefinedByProfile('windows', `which of ${taking.length} matching sockets gets a broadcast`);
  },

  words: {
    connection: 'N5: the exact four-tuple',
    copies: 'W1: a copy to every member of the group',
    reopen: '',
  },
};

const EXACT_RULE = 'N3: connected to the sender';
const BEST_RULE = 'N3: the best match';
const SHARED_RULE = 'W1: forced to share; it is not determined which receives, and chance decides';

function cellOf({ exclusive, reuseAddr, localAddress }: PortView): string {
  return `${exclusive ? 'E' : reuseAddr ? 'R' : 'D'}${localAddress.isUnspecified ? 'w' : 's'}`;
}
