/**
 * The points on which socket layers differ, as switches: one object per operating system, chosen per host. What a
 * profile leaves undefined (`null`) is refused with {@link UndefinedByProfile}, never filled in from another system.
 * Sources are named with each profile's data in `spec/profiles`.
 */
import type { ErrnoName } from '../network/errno.ts';
import { ConfigError } from '../sim/errors.ts';
import { formatTime, type Nanos } from '../sim/time.ts';
import type { CallSwitches } from './call-switches.ts';

export const PROFILE_NAMES = ['linux', 'freebsd', 'windows', 'rfc'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** How a free local port is looked for when the program names none. */
export interface EphemeralPolicy {
  /** Inclusive range; Linux's `ip_local_port_range` replaces it. */
  readonly first: number;
  readonly last: number;
  /** Linux's TCP: bind(0) tries ports of the parity of first + 1 before the others, connect() the other way round. */
  readonly parity: boolean;
  /** connect() may give one port to several connections with different remote ends. */
  readonly sharedByDestination: boolean;
  /** errno of bind(port 0) when no port is left. */
  readonly bindExhausted: ErrnoName | null;
  /** errno of a connect() when no port is left for that destination. */
  readonly connectExhausted: ErrnoName | null;
}

/** Everything that differs between the systems; see demux rules L, F, W and the table of differences. */
export interface SocketProfile {
  /** How calls answer where systems differ in nothing else. */
  readonly calls: CallSwitches;
  readonly name: ProfileName;
  /** For people: `Linux 6.18`. */
  readonly title: string;
  readonly ephemeral: EphemeralPolicy | null;
  /** SO_REUSEADDR is needed on both sockets (the holder not listening), on the binder only (other address), or a table decides. */
  readonly reuseAddr: 'both' | 'binder' | 'table' | null;
  /** Sockets that share by SO_REUSEPORT: flows are spread by hash (same uid), or the newest gets all. */
  readonly reusePort: 'spread' | 'newest' | null;
  /** listen() repeats the conflict check with the socket counted as listening (L17); else it does not (F11). */
  readonly listenChecksAgain: boolean | null;
  /** listen() on an unbound TCP socket: binds to any free port, or fails. */
  readonly listenUnbound: 'autobind' | ErrnoName | null;
  /** connect() from a bound port to a remote end that this port is connected to already. */
  readonly quadTaken: ErrnoName | null;
  /** The same for UDP: the newest socket takes over, the lookup decides, or connect() fails. */
  readonly udpQuadTaken: 'newest' | 'allowed' | ErrnoName | null;
  readonly connectOnListener: ErrnoName | null;
  /** A new connect() on a connected UDP socket: changes the peer, after a disconnect (F13) or without one. */
  readonly udpReconnect: 'replaces' | 'disconnects' | null;
  /** connect(AF_UNSPEC) on a UDP socket; with an errno the peer is cleared all the same. */
  readonly udpDisconnect: 'ok' | ErrnoName | null;
  /** Who hears of an ICMP error about an unconnected UDP socket's datagram. */
  readonly udpIcmp: 'recverr' | 'connected' | 'everyone' | null;
  /** Among equally good UDP sockets: the one bound last, the one a specific order names, or not determined. */
  readonly udpTie: 'newest' | 'any' | null;
}

/** Where a run came to a question that a profile leaves open. */
export interface GapPlace {
  readonly host: string;
  readonly time: Nanos;
  /** Whose call it was; null for a packet that arrived. */
  readonly program: string | null;
}

/** A question that the documents behind a profile do not answer. */
export class UndefinedByProfile extends ConfigError {
  readonly profile: ProfileName;
  readonly gap: string;
  /** null outside of a run. */
  readonly at: GapPlace | null;

  /** @param gap what is not defined, as a noun phrase: `which socket gets a datagram after a forced share` */
  constructor(profile: ProfileName, gap: string, at: GapPlace | null = null) {
    const where = at === null ? '' : ` (${whereText(at)})`;
    super(
      `profile '${profile}' does not define ${gap}${where}`,
      [],
      'a profile that defines it, such as linux',
    );
    this.name = 'UndefinedByProfile';
    this.profile = profile;
    this.gap = gap;
    this.at = at;
  }

  /** The same, and where it happened. */
  placed(at: GapPlace): UndefinedByProfile {
    return this.at === null ? new UndefinedByProfile(this.profile, this.gap, at) : this;
  }
}

function whereText({ host, time, program }: GapPlace): string {
  const who = program === null ? 'a packet' : `program '${program}'`;
  return `${who} on host '${host}' at ${formatTime(time)} s`;
}

/** The error of a search for an ephemeral port that has found none. @throws UndefinedByProfile */
export function exhausted(profile: SocketProfile, of: 'bindExhausted' | 'connectExhausted'): ErrnoName {
  const ephemeral = defined(profile, profile.ephemeral, 'a range of ephemeral ports');
  return defined(profile, ephemeral[of], 'the error when no ephemeral port is left');
}

/** A switch of a profile, or the refusal. @throws UndefinedByProfile when it is null */
export function defined<T>(profile: SocketProfile, value: T | null, gap: string): T {
  if (value === null) throw new UndefinedByProfile(profile.name, gap);
  return value;
}
