/** Which socket got which bytes: what applications read from the sockets that match, joined in the order of reading. */
import type { IpFamily } from '../../packet/ip-address.ts';
import type { Endpoint } from '../../sockets/api.ts';
import type { Reading } from '../build/received.ts';
import type { ScenarioRun } from '../build/run.ts';
import { formatEndpoint } from '../schema/endpoint.ts';
import type { ExpectationSpec } from '../schema/scenario.ts';
import { endMatches, formatSocketPattern, type SocketPattern } from '../schema/socket-pattern.ts';
import type { Verdict } from './verdict.ts';

type Expectation = Extract<ExpectationSpec, { check: 'received' }>;

export function checkReceived(expectation: Expectation, run: ScenarioRun): Verdict {
  const { host, socket, from, text, bytes } = expectation;
  const sender = from;
  const readings = run.programs.readings.filter(
    (reading) =>
      reading.host === host &&
      isAt(reading, socket) &&
      (sender === null || isFrom(reading, run.directory.endpoint(sender, familyOf(reading)))),
  );
  const size = readings.reduce((sum, { data }) => sum + data.size, 0);
  const got = text === null ? '' : readings.map(({ data }) => new TextDecoder().decode(data.view())).join('');
  const what = text === null ? `${bytes} bytes` : short(text);
  const origin = from === null ? '' : ` from ${formatEndpoint(from)}`;
  return {
    name: `${host}'s socket ${formatSocketPattern(socket)} received ${what}${origin}`,
    ok: text === null ? size === bytes : got === text,
    detail: text === null ? `${size} bytes` : short(got),
  };
}

function isFrom({ from }: Reading, { address, port }: Endpoint): boolean {
  return from !== null && from.address === address && from.port === port;
}

/** Decides which address a name means. */
function familyOf({ kind }: Reading): IpFamily {
  return kind.endsWith('6') ? 6 : 4;
}

/** @param pattern of a socket; the remote end of an unconnected one matches only `*` */
function isAt({ kind, local, peer }: Reading, pattern: SocketPattern): boolean {
  if (!kind.startsWith(pattern.protocol) || !endMatches(pattern.local, local.address, local.port))
    return false;
  if (peer !== null) return endMatches(pattern.remote, peer.address, peer.port);
  return pattern.remote.address === null && pattern.remote.port === null;
}

function short(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
