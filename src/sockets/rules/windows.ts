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
    return best === undefined ? null : best[draw(best.length)]!;
  },

  copies(holders, ends) {
    if (!ends.local.isMulticast) throw new UndefinedByProfile('windows', 'who receives a broadcast');
    return holders.filter(
      (one) =>
        (one.localAddress.isUnspecified || one.localAddress === ends.local) &&
        isMember(one, ends.local, ends.device),
    );
  },
};

function cellOf({ exclusive, reuseAddr, localAddress }: PortView): string {
  return `${exclusive ? 'E' : reuseAddr ? 'R' : 'D'}${localAddress.isUnspecified ? 'w' : 's'}`;
}
