/** Programs must run on hosts that exist, talk to what can be reached, and not want the same port. */
import { appByName } from '../../apps/registry.ts';
import { ANY_V4, ANY_V6, type IpAddress, type IpFamily } from '../../packet/ip-address.ts';
import { prefixContains } from '../../packet/prefix.ts';
import type { Call, CallAction } from '../calls/syntax.ts';
import type { NamedHost } from '../schema/endpoint.ts';
import type { AppSpec } from '../schema/programs.ts';
import type { HostSpec, RouterSpec } from '../schema/scenario.ts';
import { type CheckContext, nearestWord, type Path } from './context.ts';
import { checkOption } from './engine.ts';
import { checkAppOnProfile, checkCallOnProfile, checkFamilyOnProfile } from './profile.ts';

type IpNode = HostSpec | RouterSpec;

export function checkPrograms(context: CheckContext): void {
  const claims = new Map<string, Claim[]>();
  for (const [name, program] of Object.entries(context.scenario.programs)) {
    const path = ['programs', name];
    context.within([...path, 'start'], program.start);
    const isPlaced = context.refer([...path, 'host'], 'host', program.host, ['hosts', 'routers']);
    const node = isPlaced ? context.ipNode(program.host) : undefined;
    if (program.calls !== undefined)
      checkCalls(context, [...path, 'calls'], program.calls, program.host, node);
    else if (program.program === undefined) {
      checkAppOnProfile(context, path, program.run, program.host);
      checkParameters(context, path, program, node);
      if (node !== undefined) checkPort(context, path, name, program, node, claims);
    }
  }
}

/** Endpoints and addresses among the parameters of a built-in program; its `to` must be reachable. */
function checkParameters(
  context: CheckContext,
  path: Path,
  program: AppSpec,
  node: IpNode | undefined,
): void {
  const { parameters } = appByName(program.run);
  for (const [key, value] of Object.entries(program.parameters)) {
    const type = parameters[key]?.type;
    if (value === null || (type !== 'endpoint' && type !== 'endpoints' && type !== 'address')) continue;
    const named = value as NamedHost;
    const at = [...path, key];
    const target = context.address(at, named);
    if (node === undefined || target === null) continue;
    context.zone(at, named, program.host, node, false);
    checkFamilyOnProfile(context, at, program, target);
    if (key === 'to') checkRoute(context, at, program.host, node, target);
  }
}

/** Variables must hold a socket before they are used; names of hosts must exist; destinations must be reachable. */
function checkCalls(
  context: CheckContext,
  path: Path,
  calls: readonly Call[],
  hostName: string,
  node: IpNode | undefined,
): void {
  const sockets = new Map<string, IpFamily>();
  const isBoundToDevice = calls.some(({ text }) => text.includes('SO_BINDTODEVICE') || text.includes('%'));
  for (const [index, call] of calls.entries()) {
    const { action, assigns, expected } = call;
    const at = [...path, index];
    checkOption(context, at, call);
    checkCallOnProfile(context, at, call, hostName);
    if ('socket' in action && !sockets.has(action.socket))
      context.findings.push({
        path: at,
        message: `no socket is called '${action.socket}' here`,
        expected: sockets.size > 0 ? [...sockets.keys()].join(', ') : `${action.socket} = socket(tcp) before`,
        suggestion: nearestWord(action.socket, [...sockets.keys()]),
        word: action.socket,
      });
    const family = familyOf(action, sockets);
    if (assigns !== null) sockets.set(assigns, family);
    if (expected.kind === 'endpoint') context.address(at, expected.endpoint);
    if (expected.kind === 'data' && expected.from !== null) context.address(at, expected.from);
    if (!('to' in action)) continue;
    const target = context.address(at, action.to, family);
    const mayFail = expected.kind === 'errno' || expected.kind === 'anything' || action.call === 'bind';
    if (node === undefined || target === null) continue;
    context.zone(at, action.to, hostName, node, mayFail || isBoundToDevice);
    if (!mayFail) checkRoute(context, at, hostName, node, target);
  }
}

/** Of the socket that a call is about, or makes. */
function familyOf(action: CallAction, sockets: ReadonlyMap<string, IpFamily>): IpFamily {
  if (action.call === 'socket') return action.type.endsWith('6') ? 6 : 4;
  return 'socket' in action ? (sockets.get(action.socket) ?? 4) : 4;
}

/** Is there any way for a packet to leave? Only what the scenario says is looked at, not what may be computed. */
function checkRoute(
  context: CheckContext,
  path: Path,
  hostName: string,
  node: IpNode,
  target: IpAddress,
): void {
  const isHere = target.isUnspecified || target.isLoopback || target.isLimitedBroadcast;
  if (isHere || target.isMulticast || (target.family === 6 && target.isLinkLocal)) return;
  if (context.scenario.routing === 'shortest-path' || hasDefault(node, target)) return;
  const networks = Object.values(node.interfaces).flatMap(({ addresses }) => addresses);
  const asked = target.unmapped();
  if (networks.some((prefix) => prefixContains(prefix, asked))) return;
  if (node.routes.some((route) => prefixContains(route.to, asked))) return;
  context.report(
    path,
    `host '${hostName}' has no route to ${target}`,
    'a gateway: or routes: there, or routing: shortest-path for the whole network',
  );
}

/** A gateway of the family; routers that advertise themselves are gateways, too. */
function hasDefault(node: IpNode, target: IpAddress): boolean {
  if (target.unmapped().family === 4) return node.gateway !== null;
  return node.gateway6 !== null || Object.values(node.interfaces).some(({ slaac }) => slaac);
}

interface Claim {
  readonly program: string;
  readonly address: IpAddress;
}

/** Servers have the parameters `address` and `port`. */
function checkPort(
  context: CheckContext,
  path: Path,
  name: string,
  program: AppSpec,
  node: IpNode,
  claims: Map<string, Claim[]>,
): void {
  const { parameters } = appByName(program.run);
  if (parameters.address === undefined || parameters.port === undefined) return;
  const port = program.parameters.port ?? parameters.port.default;
  const protocol = program.parameters.protocol ?? parameters.protocol?.default ?? protocolOf(program.run);
  const bound = program.parameters.address as NamedHost | undefined;
  const address = bound === undefined || bound.host === null ? (bound?.address ?? ANY_V4) : null;
  if (address === null) return; // a name: resolved by the check of parameters
  const isOwn = Object.values(node.interfaces).some(({ addresses }) =>
    addresses.some((own) => own.address === address),
  );
  if (!address.isUnspecified && !address.isLoopback && !isOwn)
    context.report([...path, 'address'], `'${program.host}' does not have the address ${address}`);
  const key = `${program.host} ${protocol} ${port}`;
  const others = claims.get(key) ?? [];
  const other = others.find((claim) => overlap(claim.address, address));
  if (other !== undefined)
    context.report(
      [...path, 'port'],
      `${protocol} port ${port} of '${program.host}' is wanted twice: program '${other.program}' listens there`,
      'another port, another address, or a program of calls when the refusal is the lesson',
    );
  claims.set(key, [...others, { program: name, address }]);
}

/** The wildcard of IPv6 takes both families. */
function overlap(a: IpAddress, b: IpAddress): boolean {
  const isAny = (one: IpAddress, other: IpAddress) =>
    one === ANY_V6 || (one === ANY_V4 && other.family === 4);
  return a === b || isAny(a, b) || isAny(b, a);
}

/** Of programs that know only one. */
function protocolOf(name: string): 'tcp' | 'udp' {
  return name.startsWith('udp-') ? 'udp' : 'tcp';
}
