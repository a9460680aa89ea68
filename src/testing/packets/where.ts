/** Matchers around matchers: where a packet was seen, what became of it, and alternatives. */
import type { FieldResult, PacketMatcher, PacketView } from './matcher.ts';

/** The packet left an interface of this node: `sentBy('client', tcp({ flags: 'SYN' }))`. @param where `client` or `client.eth0` */
export function sentBy(where: string, matcher: PacketMatcher): PacketMatcher {
  return around('sentBy', where, matcher, [placeField(where), directionField('out')]);
}

/** The packet entered an interface of this node, whatever became of it there. @param where `server` or `server.eth0` */
export function receivedBy(where: string, matcher: PacketMatcher): PacketMatcher {
  return around('receivedBy', where, matcher, [placeField(where), directionField('in')]);
}

/**
 * The packet was dropped: on the link behind the interface, or by the node.
 * @param reason such as `link.lost` or `ip.ttl-exceeded`; default: any
 */
export function lost(matcher: PacketMatcher, reason?: string): PacketMatcher {
  const field: FieldOfView = ({ dropped }) => ({
    field: 'dropped',
    ok: reason === undefined ? typeof dropped === 'string' : dropped === reason,
    expected: reason ?? 'for any reason',
    found: dropped ?? 'no',
  });
  return {
    text: `lost(${matcher.text}${reason === undefined ? '' : `, '${reason}'`})`,
    compare: (packet) => [...matcher.compare(packet), field(packet)],
  };
}

/** The packet reached a socket whose name contains this text, as in `tcp 0.0.0.0:80` or `(httpd)`. */
export function delivered(socket: string, matcher: PacketMatcher): PacketMatcher {
  return around('delivered', socket, matcher, [
    (packet) => ({
      field: 'socket',
      ok: packet.socket?.includes(socket) ?? false,
      expected: socket,
      found: packet.socket ?? 'none',
    }),
  ]);
}

/** At least one of them agrees; reports show the one that came nearest. */
export function either(...matchers: readonly PacketMatcher[]): PacketMatcher {
  return {
    text: `either(${matchers.map(({ text }) => text).join(', ')})`,
    compare: (packet) => {
      const all = matchers.map((matcher) => matcher.compare(packet));
      return all.reduce((best, one) => (nearness(one) > nearness(best) ? one : best));
    },
  };
}

/** How near a packet came: 1 = it matches, 0 = not even the protocol is right. */
export function nearness(results: readonly FieldResult[]): number {
  const protocol = results.find(({ field }) => field === 'protocol');
  if (protocol?.ok === false) return 0;
  return results.filter(({ ok }) => ok).length / results.length;
}

type FieldOfView = (packet: PacketView) => FieldResult;

function around(
  word: string,
  argument: string,
  matcher: PacketMatcher,
  fields: readonly FieldOfView[],
): PacketMatcher {
  return {
    text: `${word}('${argument}', ${matcher.text})`,
    compare: (packet) => [...fields.map((field) => field(packet)), ...matcher.compare(packet)],
  };
}

function placeField(where: string): FieldOfView {
  return ({ node, device }) => {
    const found = node === undefined ? 'nowhere' : where.includes('.') ? `${node}.${device}` : node;
    return { field: 'where', ok: found === where, expected: where, found };
  };
}

function directionField(expected: 'in' | 'out'): FieldOfView {
  return ({ direction }) => ({
    field: 'direction',
    ok: direction === expected,
    expected,
    found: direction ?? 'unknown',
  });
}
