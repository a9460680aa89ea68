/** Names, addresses, MAC addresses and routes of nodes must fit together. */
import { ETHERNET_MTU } from '../../link/ethernet-device.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import { broadcastOf, formatPrefix, networkOf, type Prefix, prefixContains } from '../../packet/prefix.ts';
import type { HostSpec, RouterSpec } from '../schema/scenario.ts';
import { type CheckContext, NODE_SECTIONS, own } from './context.ts';

export function checkNodes(context: CheckContext): void {
  checkNames(context);
  const owners = new Map<IpAddress | string, string>();
  for (const section of ['hosts', 'routers'] as const) {
    for (const [name, node] of Object.entries(context.scenario[section])) {
      checkInterfaces(context, section, name, node, owners);
      checkRoutes(context, section, name, node);
    }
  }
}

/** One namespace for all nodes: a link that says `r1` must mean one. */
function checkNames(context: CheckContext): void {
  const seen = new Map<string, string>();
  for (const section of NODE_SECTIONS) {
    for (const name of context.names(section)) {
      const other = seen.get(name);
      if (other === undefined) seen.set(name, section);
      else
        context.findings.push({
          path: [section, name],
          message: `the name '${name}' is taken: there is one among the ${other}`,
          expected: 'a name that no other host, router, switch or hub has',
          atKey: true,
        });
    }
  }
}

function checkInterfaces(
  context: CheckContext,
  section: string,
  name: string,
  node: HostSpec | RouterSpec,
  owners: Map<IpAddress | string, string>,
): void {
  for (const [device, { addresses, mac, dad }] of Object.entries(node.interfaces)) {
    const path = [section, name, 'interfaces', device];
    if (device.includes('.')) checkVlan(context, path, device, node);
    const here = `${name}.${device}`;
    if (device === 'lo')
      context.findings.push({
        path,
        message: "every host has 'lo' already",
        expected: 'another name',
        atKey: true,
      });
    for (const [index, prefix] of addresses.entries()) {
      const at = [...path, 'addresses', index];
      checkAssignable(context, at, prefix);
      const asksFirst = dad && prefix.address.family === 6; // then whoever comes second does not use it
      if (!asksFirst || !owners.has(prefix.address)) claim(context, at, prefix.address, here, owners);
    }
    if (mac === null) continue;
    if (mac.isGroup)
      context.report([...path, 'mac'], `${mac} is a group address`, 'an even first byte, as in 02');
    claim(context, [...path, 'mac'], mac.toString(), here, owners);
  }
}

/** `eth0.10` needs an interface beneath, whose MAC address it has and whose MTU it cannot exceed. */
function checkVlan(
  context: CheckContext,
  path: (string | number)[],
  device: string,
  { interfaces }: HostSpec | RouterSpec,
): void {
  const [beneath, vid] = device.split('.') as [string, string];
  const { mac, mtu } = interfaces[device]!;
  const parent = own(interfaces, beneath);
  const report = (message: string, expected: string) =>
    context.findings.push({ path, message, expected, atKey: true });
  if (Number(vid) < 1 || Number(vid) > 4094 || vid.startsWith('0'))
    report(`'${device}' names no VLAN`, `a VLAN from 1 to 4094, as in ${beneath}.10`);
  if (parent === undefined) {
    const known = Object.keys(interfaces).filter((name) => !name.includes('.'));
    report(`there is no interface '${beneath}' beneath '${device}'`, known.join(', ') || `${beneath}: {}`);
    return;
  }
  if (mac !== null)
    context.report([...path, 'mac'], `a VLAN has the MAC address of ${beneath}`, 'no mac: here');
  const largest = parent.mtu ?? ETHERNET_MTU;
  if (mtu !== null && mtu > largest)
    context.report([...path, 'mtu'], `${beneath} carries ${largest} bytes at most`, `up to ${largest}`);
}

function claim(
  context: CheckContext,
  path: (string | number)[],
  key: IpAddress | string,
  here: string,
  owners: Map<IpAddress | string, string>,
): void {
  const owner = owners.get(key);
  if (owner !== undefined) context.report(path, `${key} is already the address of ${owner}`);
  else owners.set(key, here);
}

/** RFC 1122 3.2.1.3: what cannot be the address of an interface. */
function checkAssignable(context: CheckContext, path: (string | number)[], prefix: Prefix): void {
  const { address } = prefix;
  const why = address.isUnspecified
    ? 'means any address'
    : address.isLoopback
      ? 'belongs to lo'
      : address.isMulticast
        ? 'is a multicast address'
        : address.family === 4 && address.w3 >>> 28 === 15
          ? 'is reserved'
          : hasBroadcast(prefix) && address === networkOf(prefix).address
            ? `names the network ${formatPrefix(networkOf(prefix))} itself`
            : hasBroadcast(prefix) && address === broadcastOf(prefix)
              ? `is the broadcast address of ${formatPrefix(networkOf(prefix))}`
              : null;
  if (why !== null) context.report(path, `${address} ${why}`, 'an address for one interface');
}

/** IPv6 has none, and short IPv4 subnets neither (RFC 3021). */
function hasBroadcast({ address, length }: Prefix): boolean {
  return address.family === 4 && length < 31;
}

function checkRoutes(
  context: CheckContext,
  section: string,
  name: string,
  node: HostSpec | RouterSpec,
): void {
  const networks = Object.values(node.interfaces).flatMap(({ addresses }) => addresses);
  const expected =
    networks.length === 0
      ? 'a node with an address'
      : `an address in ${networks.map((prefix) => formatPrefix(networkOf(prefix))).join(' or ')}`;
  const isNeighbour = (address: IpAddress) => networks.some((prefix) => prefixContains(prefix, address));
  for (const key of ['gateway', 'gateway6'] as const) {
    const gateway = node[key];
    if (gateway !== null && !isNeighbour(gateway))
      context.report([section, name, key], `the gateway ${gateway} is in no network of '${name}'`, expected);
  }
  for (const [index, route] of node.routes.entries()) {
    const path = [section, name, 'routes', index];
    if (route.device !== null && !Object.hasOwn(node.interfaces, route.device))
      context.report(
        path,
        `'${name}' has no interface '${route.device}'`,
        Object.keys(node.interfaces).join(', '),
      );
    if (route.via !== null && route.device === null && !isNeighbour(route.via))
      context.report(path, `the gateway ${route.via} is in no network of '${name}'`, expected);
    if (networkOf(route.to).address !== route.to.address)
      context.report(path, `${formatPrefix(route.to)} has host bits set`, formatPrefix(networkOf(route.to)));
  }
}
