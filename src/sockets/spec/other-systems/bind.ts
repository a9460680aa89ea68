/** Checks before conflicts that bind(2) makes on systems that are not Linux (R18, F8, N7, W2). */
import { defined } from '../../profile.ts';
import { kindOf } from '../host.ts';
import type { BindCheck, SpecProfile } from '../profile.ts';
import { because, type Reason } from '../rule.ts';
import { ANY } from '../state.ts';

export const R18Length: BindCheck = (_, { length }) =>
  length < 16 ? { errno: 'EINVAL', reasons: [because('R18', `an address of ${length} bytes`)] } : null;

export const R18Family: BindCheck = (_, { family }) =>
  family === 2 ? null : { errno: 'EAFNOSUPPORT', reasons: [because('R18', `family ${family}`)] };

export const R18Local: BindCheck = (state, { address }) =>
  kindOf(state.host, address) === 'foreign'
    ? { errno: 'EADDRNOTAVAIL', reasons: [because('R18', `${address} is no address of this host`)] }
    : null;

/** A socket gets one name; it keeps it when its connection is over. */
export const R18Unbound: BindCheck = (_, { socket }) => {
  const isFresh = socket.transport === 'udp' || (socket.state === 'CLOSED' && socket.phase === 'unconnected');
  const isNamed = socket.local.port !== 0 || socket.local.address !== ANY || !isFresh;
  return isNamed ? { errno: 'EINVAL', reasons: [because('R18', 'it is bound already')] } : null;
};

/** @param profile asked when the check is made */
export function privilege(profile: () => SpecProfile, reason: (text: string) => Reason): BindCheck {
  return (state, { port, uid }) => {
    if (port === 0 || port >= state.host.unprivilegedPortStart || uid === 0) return null;
    const errno = defined(profile(), profile().calls.privilegedPort, `whether port ${port} needs privilege`);
    return { errno, reasons: [reason(`port ${port} needs privilege`)] };
  };
}

/** Groups and broadcast addresses, which are no host's. */
export function manyHosts(profile: () => SpecProfile): BindCheck {
  return (state, { address, socket }) => {
    const kind = kindOf(state.host, address);
    const { bindStreamToGroup, bindDatagramToGroup, bindToBroadcast } = profile().calls;
    const isStream = socket.transport === 'tcp';
    let answer: typeof bindToBroadcast = 'ok';
    if (kind === 'broadcast') answer = defined(profile(), bindToBroadcast, 'bind() to a broadcast address');
    if (kind === 'multicast') {
      const what = `bind() of a ${isStream ? 'TCP' : 'UDP'} socket to a group`;
      answer = defined(profile(), isStream ? bindStreamToGroup : bindDatagramToGroup, what);
    }
    return answer === 'ok' ? null : { errno: answer, reasons: [because('R18', address)] };
  };
}
