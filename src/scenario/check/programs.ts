/** Programs must run on hosts that exist, talk to what can be reached, and not want the same port. */
import { appByName } from '../../apps/registry.ts';
import { ANY_V4, type IpAddress } from '../../packet/ip-address.ts';
import { prefixContains } from '../../packet/prefix.ts';
import type { Call } from '../calls/syntax.ts';
import type { NamedEndpoint } from '../schema/endpoint.ts';
import type { AppSpec, NamedAddress } from '../schema/programs.ts';
import type { HostSpec, RouterSpec } from '../schema/scenario.ts';
import { type CheckContext, nearestWord, type Path } from './context.ts';
import { checkOption } from './engine.ts';

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
    if (value === null || (type !== 'endpoint' && type !== 'address')) continue;
    const target = context.address([...path, key], value as NamedAddress | NamedEndpoint);
    if (key === 'to' && target !== null && node !== undefined)
      checkRoute(context, [...path, key], program.host, node, target);
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
  const sockets: string[] = [];
  for (const [index, call] of calls.entries()) {
    const { action, assigns, expected } = call;
    const at = [...path, index];
    checkOption(context, at, call);
    if ('socket' in action && !sockets.includes(action.socket))
      context.findings.push({
        path: at,
        message: `no socket is called '${action.socket}' here`,
        expected: sockets.length > 0 ? sockets.join(', ') : `${action.socket} = socket(tcp) before`,
        suggestion: nearestWord(action.socket, sockets),
        word: action.socket,
      });
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
  node: IpNode,
  target: IpAddress,
): void {
  if (target === ANY_V4 || target.isLoopback || target.isMulticast || target.isLimitedBroadcast) return;
  if (('gateway' in node && node.gateway !== null) || context.scenario.routing === 'shortest-path') return;
  const networks = Object.values(node.interfaces).flatMap(({ addresses }) => addresses);
  if (networks.some((prefix) => prefixContains(prefix, target))) return;
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
  const bound = program.parameters.address as NamedAddress | undefined;
  const address = bound === undefined || bound.address === ANY_V4 ? ANY_V4 : bound.address;
  if (address === null) return; // a name: resolved by the check of parameters
  const isOwn = Object.values(node.interfaces).some(({ addresses }) =>
    addresses.some((own) => own.address === address),
  );
  if (address !== ANY_V4 && !address.isLoopback && !isOwn)
    context.report([...path, 'address'], `'${program.host}' does not have the address ${address}`);
  const key = `${program.host} ${protocol} ${port}`;
  const others = claims.get(key) ?? [];
  const other = others.find(
    (claim) => claim.address === address || claim.address === ANY_V4 || address === ANY_V4,
  );
  if (other !== undefined)
    context.report(
      [...path, 'port'],
      `${protocol} port ${port} of '${program.host}' is wanted twice: program '${other.program}' listens there`,
      'another port, another address, or a program of calls when the refusal is the lesson',
    );
  claims.set(key, [...others, { program: name, address }]);
}

/** Of programs that know only one. */
function protocolOf(name: string): 'tcp' | 'udp' {
  return name.startsWith('udp-') ? 'udp' : 'tcp';
}
