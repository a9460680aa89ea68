/** What there is to be reached: the arrows of TCP's lifecycle, the rules by which sockets win, the errors of calls. */
import type { ErrnoName } from '../../network/errno.ts';
import { RULES, type RuleId } from '../../sockets/spec/rules.ts';
import { LIFECYCLE } from '../../transport/tcp/state.ts';

export const COVERAGE_KINDS = ['transitions', 'rules', 'errnos'] as const;
export type CoverageKind = (typeof COVERAGE_KINDS)[number];

/** One thing that a run may reach. */
export interface CoverageItem {
  /** `SYN-SENT > ESTABLISHED`, `L2`, `EADDRINUSE` */
  readonly name: string;
  /** What it is, in words. */
  readonly says: string;
}

/** An arrow of the RFC's figure that no call of the socket API leads along: connect() on a listener is EISCONN. */
const NOT_FOR_SOCKETS: readonly string[] = ['LISTEN > SYN-SENT'];

/** The rules that the demultiplexer of Linux names when a packet met a socket, or none. */
const LOOKUP_RULES: readonly RuleId[] = [
  'L2',
  'L5',
  'L6',
  'L10',
  'L12',
  'L27',
  'L28',
  'L30',
  'L31',
  'L32',
  'L33',
];

/** What the calls of the socket layer answer with (bind(2), connect(2), ... and the errors that networks bring). */
const ERRNOS: readonly ErrnoName[] = [
  'EACCES',
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EAGAIN',
  'EALREADY',
  'EBADF',
  'ECONNREFUSED',
  'ECONNRESET',
  'EDESTADDRREQ',
  'EHOSTUNREACH',
  'EINPROGRESS',
  'EINVAL',
  'EISCONN',
  'EMFILE',
  'EMSGSIZE',
  'ENETUNREACH',
  'ENODEV',
  'ENOPROTOOPT',
  'ENOTCONN',
  'EOPNOTSUPP',
  'EPIPE',
  'ETIMEDOUT',
];

export const CATALOGUE: Readonly<Record<CoverageKind, readonly CoverageItem[]>> = {
  transitions: LIFECYCLE.map(({ from, to, on }) => ({ name: `${from} > ${to}`, says: on })).filter(
    ({ name }) => !NOT_FOR_SOCKETS.includes(name),
  ),
  rules: LOOKUP_RULES.map((name) => ({ name, says: RULES[name].says })),
  errnos: ERRNOS.map((name) => ({ name, says: '' })),
};
