/**
 * Why a packet goes where it goes: every socket on the port with its score and the rule that rejected it, the winner,
 * the rule that decided with its source, and the smallest change that would give another winner. Plain data; the words
 * for people are in `explain-text.ts`.
 */
import { type ProfileName, UndefinedByProfile } from '../profile.ts';
import { familyOf, isAny } from './address.ts';
import { type Counterfactual, counterfactuals } from './counterfactual.ts';
import { deliver, type Reply } from './deliver.ts';
import { stateFrom } from './from-snapshot.ts';
import { arriving, formatPacket, type PacketText, parsePacket } from './packet-text.ts';
import type { SpecPacket, SpecProfile } from './profile.ts';
import { specProfile } from './profiles/by-name.ts';
import type { Reason } from './rule.ts';
import type { HostSnapshot } from './snapshot.ts';
import { endpointText, holdersOf, type SpecSocket, type SpecState } from './state.ts';

export interface ExplainedSocket {
  readonly id: number;
  /** `httpd/4` (process and descriptor), or what else holds it: `in accept queue`, `TIME-WAIT`. */
  readonly owner: string;
  readonly kind: 'tcp' | 'udp' | 'tcp6' | 'udp6';
  readonly state: string;
  readonly local: string;
  readonly remote: string | null;
  readonly device: string | null;
  /** Options that matter for sharing and lookup: RA, RP, V6ONLY; LB for FreeBSD's SO_REUSEPORT_LB. */
  readonly options: readonly string[];
}

export interface ExplainedCandidate extends ExplainedSocket {
  readonly score: number | null;
  /** `may receive`: a hash or chance decides among several. */
  readonly verdict: 'receives' | 'may receive' | 'rejected';
  /** Why not; null for those that receive. */
  readonly reason: Reason | null;
}

export interface Explanation {
  readonly host: string;
  readonly profile: ProfileName;
  readonly packet: string;
  /** ids: who gets it, or, when `isChoice`, who may. [] = nobody. */
  readonly winners: readonly number[];
  /** A hash with a secret key, or chance, chooses one of `winners`. */
  readonly isChoice: boolean;
  /** What the sender sees. */
  readonly reply: Reply;
  readonly deciding: Reason;
  /** Rules that applied on the way besides. */
  readonly reasons: readonly Reason[];
  readonly candidates: readonly ExplainedCandidate[];
  /** Sockets of the transport on other ports: not asked. */
  readonly otherSockets: number;
  /** Single changes that give another winner, the smallest first. */
  readonly counterfactuals: readonly Counterfactual[];
  /** The sockets that the counterfactuals speak of, by id. */
  readonly sockets: Readonly<Record<number, ExplainedSocket>>;
}

/**
 * Explains a packet given as text, as the command line takes it.
 * @throws PacketTextError for a text that is no packet, ConfigError for an unknown interface, UndefinedByProfile when
 * the host's profile leaves the question open
 */
export function explainText(snapshot: HostSnapshot, text: string): Explanation {
  return explainPacket(snapshot, parsePacket(text));
}

export function explainPacket(snapshot: HostSnapshot, text: PacketText): Explanation {
  const state = stateFrom(snapshot);
  const packet = arriving(text, state.host);
  const profile = specProfile(snapshot.profile);
  if (profile.bindChecks6 === undefined && isAboutIpv6(state, packet)) {
    throw new UndefinedByProfile(profile.name, 'IPv6 sockets');
  }
  return { ...explain(state, packet, profile), host: snapshot.host };
}

/** The packet is of IPv6, or an AF_INET6 socket holds its port. */
function isAboutIpv6(state: SpecState, packet: SpecPacket): boolean {
  const holders = holdersOf(state, packet.transport, packet.dstPort);
  return familyOf(packet.dst) === 6 || holders.some((one) => one.family === 6);
}

/** Explains a packet in a state of the specification. */
export function explain(state: SpecState, packet: SpecPacket, profile: SpecProfile): Explanation {
  const found = deliver(state, packet, profile, {
    port: (allowed) => allowed.lowest() ?? 0,
    member: (allowed) => allowed[0]!,
  });
  const isChoice = found.allowed.length > 0;
  const winners = isChoice ? found.allowed : found.receivers;
  const byId = new Map(state.sockets.map((one) => [one.id, one]));
  const candidates = (found.lookup?.candidates ?? []).flatMap(({ socket: id, score, rejectedBy }) => {
    const socket = byId.get(id);
    if (socket === undefined) return [];
    const verdict = !winners.includes(id) ? 'rejected' : isChoice ? 'may receive' : 'receives';
    return [{ ...described(socket), score, verdict, reason: rejectedBy } as const];
  });
  const [deciding, ...reasons] = found.reasons;
  const sameTransport = state.sockets.filter((one) => one.transport === packet.transport);
  return {
    host: '',
    profile: profile.name,
    packet: formatPacket(packet),
    winners,
    isChoice,
    reply: found.reply,
    deciding: deciding!,
    reasons,
    candidates: candidates.sort(byVerdict),
    otherSockets: sameTransport.length - candidates.length,
    counterfactuals: counterfactuals(state, packet, profile),
    sockets: Object.fromEntries(sameTransport.map((one) => [one.id, described(one)])),
  };
}

function byVerdict(a: ExplainedCandidate, b: ExplainedCandidate): number {
  const rank = (one: ExplainedCandidate) => (one.verdict === 'rejected' ? 1 : 0);
  return rank(a) - rank(b) || (b.score ?? -1) - (a.score ?? -1) || a.id - b.id;
}

function described(socket: SpecSocket): ExplainedSocket {
  const { reuseAddr, reusePort, reusePortLb } = socket.options;
  const isIpv6Only = socket.v6Only && isAny(socket.local.address);
  return {
    id: socket.id,
    owner: ownerText(socket),
    kind: socket.family === 6 ? `${socket.transport}6` : socket.transport,
    state: socket.transport === 'udp' ? (socket.state === 'ESTABLISHED' ? 'connected' : '') : socket.state,
    local: endpointText(socket.local),
    remote: socket.remote === null || socket.remote.port === 0 ? null : endpointText(socket.remote),
    device: socket.device,
    options: [
      reuseAddr ? 'RA' : '',
      reusePort ? 'RP' : '',
      reusePortLb ? 'LB' : '',
      isIpv6Only ? 'V6ONLY' : '',
    ].filter((one) => one !== ''),
  };
}

function ownerText(socket: SpecSocket): string {
  if (socket.life === 'queued') return 'in accept queue';
  if (socket.life === 'orphan') return 'closed, ending';
  if (socket.life === 'time-wait') return 'TIME-WAIT';
  return socket.process === '' ? `fd ${socket.fd}` : `${socket.process}/${socket.fd}`;
}
