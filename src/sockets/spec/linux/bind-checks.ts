/** Linux: what bind() looks at before any conflict, in this order (L14). Kernel: __inet_bind. */
import { kindOf } from '../host.ts';
import type { BindCheck } from '../profile.ts';
import { because } from '../rule.ts';
import { ANY } from '../state.ts';

const L14Length: BindCheck = (_, { length }) =>
  length < 16 ? { errno: 'EINVAL', reasons: [because('L14', `an address of ${length} bytes`)] } : null;

const L14Family: BindCheck = (_, { family, address }) => {
  if (family === 2 || (family === 0 && address === ANY)) return null;
  return { errno: 'EAFNOSUPPORT', reasons: [because('L14', `address family ${family}`)] };
};

const L14Address: BindCheck = (state, { socket, address }) => {
  const { freebind, transparent } = socket.options;
  if (freebind || transparent || kindOf(state.host, address) !== 'foreign') return null;
  return { errno: 'EADDRNOTAVAIL', reasons: [because('L14', `${address} is no address of this host`)] };
};

export const L14Privilege: BindCheck = (state, { port, uid }) => {
  if (port === 0 || port >= state.host.unprivilegedPortStart || uid === 0) return null;
  return { errno: 'EACCES', reasons: [because('L14', `port ${port} needs privilege, user ${uid} has none`)] };
};

export const L14Unbound: BindCheck = (_, { socket }) => {
  if (socket.state === 'CLOSED' && socket.local.port === 0) return null;
  return { errno: 'EINVAL', reasons: [because('L14', 'it has a port already')] };
};

export const BIND_CHECKS: readonly BindCheck[] = [L14Length, L14Family, L14Address, L14Privilege, L14Unbound];
