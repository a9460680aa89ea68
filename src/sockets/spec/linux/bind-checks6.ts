/**
 * Linux: what bind() of an AF_INET6 socket looks at before any conflict (L14, L38). Another order than with AF_INET: the
 * address comes last. Kernel: __inet6_bind.
 */
import { familyOf, isAny, isMapped, needsLink, unmapped } from '../address.ts';
import { kindOf, ownerOf } from '../host.ts';
import { sockaddrOf } from '../inet6.ts';
import type { BindCheck } from '../profile.ts';
import { because } from '../rule.ts';
import { L14Privilege, L14Unbound } from './bind-checks.ts';

const L14Length: BindCheck = (_, { length, address }) =>
  length < sockaddrOf('::').length || familyOf(address) === 4
    ? { errno: 'EINVAL', reasons: [because('L14', `an address of ${length} bytes`)] }
    : null;

const L14Family: BindCheck = (_, { family }) =>
  family === sockaddrOf('::').family
    ? null
    : { errno: 'EAFNOSUPPORT', reasons: [because('L14', `address family ${family}`)] };

const L14NoStreamToGroups: BindCheck = (state, { socket, address }) =>
  socket.transport === 'tcp' && kindOf(state.host, address) === 'multicast'
    ? { errno: 'EINVAL', reasons: [because('L14', `TCP and the group ${address}`)] }
    : null;

const L38Mapped: BindCheck = (state, { socket, address }) => {
  if (!isMapped(address)) return null;
  if (socket.v6Only) return { errno: 'EINVAL', reasons: [because('L38', 'it is IPv6-only')] };
  const { freebind, transparent } = socket.options;
  if (freebind || transparent || kindOf(state.host, unmapped(address)) !== 'foreign') return null;
  return { errno: 'EADDRNOTAVAIL', reasons: [because('L14', `${address} is no address of this host`)] };
};

/** Link-local addresses and groups are bound to only on a device. */
const L14Link: BindCheck = (_, { socket, address }) =>
  needsLink(address) && socket.device === null
    ? {
        errno: 'EINVAL',
        reasons: [because('L14', `${address} may be on every link, and no device is named`)],
      }
    : null;

const L14Address: BindCheck = (state, { socket, address }) => {
  const { freebind, transparent } = socket.options;
  if (isMapped(address) || isAny(address) || freebind || transparent) return null;
  const kind = kindOf(state.host, address);
  const isElsewhere =
    address === '::1' && socket.device !== null && ownerOf(state.host, address) !== socket.device;
  if (kind === 'multicast' || (kind === 'local' && !isElsewhere)) return null;
  return { errno: 'EADDRNOTAVAIL', reasons: [because('L14', `${address} is no address of this host`)] };
};

export const BIND_CHECKS6: readonly BindCheck[] = [
  L14Length,
  L14Family,
  L14NoStreamToGroups,
  L14Privilege,
  L14Unbound,
  L38Mapped,
  L14Link,
  L14Address,
];
