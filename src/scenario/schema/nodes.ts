/** The schema of what a network is made of: hosts, routers, switches, hubs. */
import * as v from 'valibot';
import { PROFILE_NAMES } from '../../sockets/profile.ts';
import { parseRoute } from './route.ts';
import { named, notation, table } from './table.ts';
import { address, address6, duration, mac, prefix, rate } from './values.ts';

/** Whose socket rules a host follows. */
export const profile = v.picklist(PROFILE_NAMES);

const interfaceTable = table({
  addresses: v.optional(v.array(prefix), []),
  /** IPv6: makes itself a link-local address, looks for routers, makes addresses of what they advertise. */
  slaac: v.optional(v.boolean('true or false'), false),
  /** IPv6: asks the link whether somebody has its addresses before it uses them. */
  dad: v.optional(v.boolean('true or false'), false),
  /** IPv6: a router answers hosts that look for one. */
  advertise: v.optional(v.boolean('true or false'), false),
  mac: v.optional(v.nullable(mac), null),
  /** Default: 1500, of a VLAN that of the interface beneath. */
  mtu: v.optional(
    v.nullable(
      v.pipe(
        v.number('a number of bytes'),
        v.integer('a whole number of bytes'),
        v.minValue(68, 'at least 68 bytes (RFC 791)'),
        v.maxValue(65535, 'at most 65535 bytes'),
      ),
    ),
    null,
  ),
});

/** `eth0: 10.0.0.2/24`, or the full form. */
const networkInterface = v.union([
  v.pipe(
    v.string('an address with its prefix length'),
    v.transform((address): v.InferInput<typeof interfaceTable> => ({ addresses: [address] })),
    interfaceTable,
  ),
  interfaceTable,
]);

const INTERFACE_NAME = /^[A-Za-z][\w-]*(\.\d+)?$/;
const INTERFACE_WORDS =
  'an interface begins with a letter and goes on with letters, digits, - and _; eth0.10 is VLAN 10 over eth0';

const route = notation('a route as ip-route writes it, as in 10.2.0.0/16 via 10.1.0.1', parseRoute);

const sysctls = v.record(v.string(), v.union([v.number(), v.string()]));

const userId = v.pipe(
  v.number('a user id'),
  v.integer('a whole number'),
  v.minValue(0, 'a number that is not negative'),
);

const ipNode = {
  /** `eth0.10` is VLAN 10 over `eth0`. */
  interfaces: v.optional(named(networkInterface, INTERFACE_NAME, INTERFACE_WORDS), {}),
  /** Default route. */
  gateway: v.optional(v.nullable(address), null),
  /** Default route of IPv6. */
  gateway6: v.optional(v.nullable(address6), null),
  routes: v.optional(v.array(route), []),
  sysctls: v.optional(sysctls, {}),
};

export const host = table({
  ...ipNode,
  profile: v.optional(v.nullable(profile), null),
  /** Effective user id of its programs; others than 0 may not bind ports below 1024. */
  uid: v.optional(userId, 0),
});

export const router = table(ipNode);

const vlan = v.pipe(
  v.number('a VLAN from 1 to 4094'),
  v.integer('a VLAN from 1 to 4094'),
  v.minValue(1, 'a VLAN from 1 to 4094'),
  v.maxValue(4094, 'a VLAN from 1 to 4094'),
);

const switchPort = table({
  /** VLAN of frames without a tag; null: they are refused. */
  vlan: v.optional(v.nullable(vlan), 1),
  /** VLANs whose frames come and go with a tag. */
  tagged: v.optional(v.array(vlan), []),
  /** Leads to hosts only: with a spanning tree it forwards at once, not after three seconds. */
  edge: v.optional(v.boolean('true or false'), false),
});

const PRIORITY = 'a multiple of 4096 from 0 to 61440';

/** Rapid spanning tree (IEEE 802.1w): the switch with the least priority becomes root. */
const spanningTree = table({
  priority: v.optional(
    v.pipe(
      v.number(PRIORITY),
      v.multipleOf(4096, PRIORITY),
      v.minValue(0, PRIORITY),
      v.maxValue(61440, PRIORITY),
    ),
    32768,
  ),
});

export const switchNode = table({
  /** Ports that are not plain; others appear as links name them or need them. */
  ports: v.optional(named(switchPort), {}),
  ageing: v.optional(duration, '300s'),
  /** So that loops of switches do no harm; `{}` for the usual priority. Such a network sends hellos for ever. */
  'spanning-tree': v.optional(v.nullable(spanningTree), null),
});

/** All that is plugged into a hub shares one half-duplex segment (IEEE 802.3 4): collisions and all. */
export const hub = table({
  rate: v.optional(v.pipe(rate, v.maxValue(100e6, 'at most 100Mbps: faster Ethernet has no hubs')), '10Mbps'),
});
