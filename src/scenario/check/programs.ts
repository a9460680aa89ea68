/** Programs must run on hosts that exist, talk to what can be reached, and not want the same port. */
import { ANY_V4, type IpAddress } from '../../packet/ip-address.ts';
import { broadcastOf, prefixContains } from '../../packet/prefix.ts';
import type { Call } from '../calls/syntax.ts';
import { parseHost } from '../schema/endpoint.ts';
import type { HostSpec, ProgramSpec, RouterSpec } from '../schema/scenario.ts';
import { type CheckContext, nearestWord, type Path } from './context.ts';

export function checkPrograms(context: CheckContext): void {
  const ports = new Map<string, Claim[]>();
  for (const [name, program] of Object.entries(context.scenario.programs)) {
    const path = ['programs', name];
    context.within([...path, 'start'], program.start);
    const isPlaced = context.refer([...path, 'host'], 'host', program.host, ['hosts', 'routers']);
    const node = context.ipNode(program.host);
    checkTargets(context, path, program, isPlaced ? node : undefined);
    if (node !== undefined) checkPort(context, path, name, program, node, ports);
  }
}

function checkTargets(
  context: CheckContext,
  path: Path,
  program: ProgramSpec,
  node: HostSpec | RouterSpec | undefined,
): void {
  if (program.run === 'calls') {
    checkCalls(context, [...path, 'calls'], program.calls, program.host, node);
    return;
  }
  if ('from' in program && program.from !== null) context.address([...path, 'from'], program.from);
  if (!('to' in program)) return;
  const at = [...path, 'to'];
  const target =
    typeof program.to === 'string' ? destination(context, at, program.to) : context.address(at, program.to);
  if (target !== null && node !== undefined) checkRoute(context, at, program.host, node, target);
}

function destination(context: CheckContext, path: Path, text: string): IpAddress | null {
  return /^[\d.]+$/.test(text)
    ? addressText(context, path, text)
    : context.address(path, { host: text, address: null });
}

function addressText(context: CheckContext, path: Path, text: string): IpAddress | null {
  const parts = text.split('.').map(Number);
  if (parts.length === 4 && parts.every((part) => part <= 255)) return parseHost(text).address;
  context.report(path, `'${text}' is not an IPv4 address`, 'four numbers from 0 to 255, as in 10.0.0.1');
  return null;
}

/** Variables must hold a socket before they are used; names of hosts must exist; destinations must be reachable. */
function checkCalls(
  context: CheckContext,
  path: Path,
  calls: readonly Call[],
  hostName: string,
  node: HostSpec | RouterSpec | undefined,
): void {
  const sockets: string[] = [];
  for (const [index, { action, assigns, expected }] of calls.entries()) {
    const at = [...path, index];
    if ('socket' in action && !sockets.includes(action.socket))
      context.report(
        at,
        `no socket is called '${action.socket}' here`,
        sockets.length > 0 ? sockets.join(', ') : `${action.socket} = socket(tcp) before`,
        nearestWord(action.socket, sockets),
      );
    if (assigns !== null) sockets.push(assigns);
    if (expected.kind === 'endpoint') context.address(at, expected.endpoint);
    if (expected.kind === 'data' && expected.from !== null) context.address(at, expected.from);
    if (!('to' in action)) continue;
    const target = context.address(at, action.to);
    const mayFail = expected.kind === 'errno' || expected.kind === 'anything' || action.call === 'bind';
    if (target !== null && node !== undefined && !mayFail) checkRoute(context, at, hostName, node, target);
  }
}

/** Is there any way for a packet to leave? Only what the scenario says is looked at, not what may be computed. */
function checkRoute(
  context: CheckContext,
  path: Path,
  hostName: string,
  node: HostSpec | RouterSpec,
  target: IpAddress,
): void {
  if (target === ANY_V4 || target.isLoopback || target.isMulticast || target.isLimitedBroadcast) return;
  const networks = Object.values(node.interfaces).flatMap(({ addresses }) => addresses);
  if (node.gateway !== null || context.scenario.routing === 'shortest-path') return;
  if (networks.some((prefix) => prefixContains(prefix, target) || broadcastOf(prefix) === target)) return;
  if (node.routes.some((route) => prefixContains(route.to, target))) return;
  context.report(
    path,
    `host '${hostName}' has no route to ${target}`,
    'a gateway: or routes: there, or routing: shortest-path for the whole network',
  );
}

interface Claim {
  readonly program: string;
  readonly address: IpAddress;
}

function checkPort(
  context: CheckContext,
  path: Path,
  name: string,
  program: ProgramSpec,
  node: HostSpec | RouterSpec,
  ports: Map<string, Claim[]>,
): void {
  if (!('port' in program)) return;
  const protocol = 'protocol' in program ? program.protocol : 'tcp';
  const address =
    program.address === '*' ? ANY_V4 : destination(context, [...path, 'address'], program.address);
  if (address === null) return;
  const owns = Object.values(node.interfaces).some(({ addresses }) =>
    addresses.some((own) => own.address === address),
  );
  if (address !== ANY_V4 && !address.isLoopback && !owns)
    context.report([...path, 'address'], `'${program.host}' does not have the address ${address}`);
  const key = `${program.host} ${protocol} ${program.port}`;
  const claims = ports.get(key) ?? [];
  ports.set(key, claims);
  const other = claims.find(
    (claim) => claim.address === address || claim.address === ANY_V4 || address === ANY_V4,
  );
  if (other !== undefined)
    context.report(
      [...path, 'port'],
      `${protocol} port ${program.port} of '${program.host}' is wanted twice: program '${other.program}' listens there`,
      'another port, another address, or a program of calls when the refusal is the lesson',
    );
  claims.push({ program: name, address });
}
