/** What random socket programs speak of: few addresses and ports of either family, so that sockets meet. */
import fc from 'fast-check';
import type { IpFamily } from '../../src/packet/ip-address.ts';

export type Remote = readonly [address: string, port: number];
export type Peer = readonly [device: string, address: string, port: number];

export interface Words {
  readonly families: readonly IpFamily[];
  /** For bind(), by the family of the socket as a rule. */
  readonly bindAddress: Readonly<Record<IpFamily, fc.Arbitrary<string>>>;
  readonly bindPort: fc.Arbitrary<number>;
  readonly device: fc.Arbitrary<string>;
  readonly remote: fc.Arbitrary<Remote>;
  /** Who sends packets, and where to. */
  readonly flow: fc.Arbitrary<readonly [Peer, string]>;
  readonly port: fc.Arbitrary<number>;
  /** How many of ten sockets are opened together with others of the same name. */
  readonly twins: number;
}

/** Everything there is. */
export function wideWords(families: readonly IpFamily[]): Words {
  return {
    families,
    bindAddress: {
      4: fc.constantFrom(
        ...['0.0.0.0', '0.0.0.0', '10.0.0.1', '10.0.0.1', '10.0.0.2', '127.0.0.1', '10.0.1.1'],
        ...['10.0.0.255', '10.0.0.99'],
      ),
      6: fc.constantFrom(
        ...['::', '::', '::', 'fd00::1', 'fd00::1', 'fd00::2', '::1', 'fd01::1', 'fd00::99'],
        ...['::ffff:0.0.0.0', '::ffff:10.0.0.1', '::ffff:127.0.0.1', '::ffff:10.0.0.255', '10.0.0.1'],
      ),
    },
    bindPort: fc.constantFrom(5000, 5000, 5000, 5001, 80, 0),
    device: fc.constantFrom('eth0', 'eth1', 'lo', ''),
    remote: ofFamilies(families, { 4: WIDE_REMOTES_V4, 6: WIDE_REMOTES_V6 }),
    flow: flows(families, {
      4: [WIDE_PEERS_V4, ['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.1.1', '10.0.0.255']],
      6: [WIDE_PEERS_V6, ['fd00::1', 'fd00::1', 'fd00::2', 'fd01::1', 'ff02::1']],
    }),
    port: fc.constantFrom(5000, 5000, 5000, 5001, 80),
    twins: 1,
  };
}

/** One name and little else: sockets share, and every rule that chooses among them has work. */
export function narrowWords(families: readonly IpFamily[]): Words {
  return {
    families,
    bindAddress: {
      4: fc.constantFrom('0.0.0.0', '10.0.0.1', '10.0.0.1'),
      6: fc.constantFrom('::', '::', 'fd00::1', '::ffff:10.0.0.1', '::ffff:0.0.0.0'),
    },
    bindPort: fc.constant(5000),
    device: fc.constantFrom('eth0', ''),
    remote: ofFamilies(families, { 4: NARROW_REMOTES_V4, 6: NARROW_REMOTES_V6 }),
    flow: flows(families, {
      4: [NARROW_PEERS_V4, ['10.0.0.1']],
      6: [NARROW_PEERS_V6, ['fd00::1', 'fd00::1', 'fd00::1', 'ff02::1']],
    }),
    port: fc.constant(5000),
    twins: 5,
  };
}

const WIDE_REMOTES_V4: readonly Remote[] = [
  ['10.0.0.10', 7000],
  ['10.0.0.10', 7000],
  ['10.0.0.11', 7000],
  ['10.0.0.10', 7100],
  ['10.0.0.10', 1111],
  ['10.0.1.10', 7000],
  ['10.0.0.1', 5000],
  ['127.0.0.1', 5000],
  ['10.0.0.2', 5001],
  ['0.0.0.0', 5000],
  ['192.0.2.1', 7000],
  ['10.0.0.255', 5000],
];

const WIDE_REMOTES_V6: readonly Remote[] = [
  ['fd00::10', 7000],
  ['fd00::10', 7000],
  ['fd00::11', 7000],
  ['fd00::10', 7100],
  ['fd00::10', 1111],
  ['fd01::10', 7000],
  ['fd00::1', 5000],
  ['::1', 5000],
  ['fd00::2', 5001],
  ['::', 5000],
  ['fd99::1', 7000],
  ['::ffff:10.0.0.10', 7000],
  ['::ffff:10.0.0.10', 1111],
  ['::ffff:127.0.0.1', 5000],
  ['::ffff:0.0.0.0', 5000],
];

const NARROW_REMOTES_V4: readonly Remote[] = [
  ['10.0.0.10', 1111],
  ['10.0.0.11', 1111],
  ['10.0.0.10', 7000],
];

const NARROW_REMOTES_V6: readonly Remote[] = [
  ['fd00::10', 1111],
  ['fd00::11', 1111],
  ['fd00::10', 7000],
  ['::ffff:10.0.0.10', 1111],
];

const WIDE_PEERS_V4: readonly Peer[] = [
  ['eth0', '10.0.0.10', 1111],
  ['eth0', '10.0.0.10', 7000],
  ['eth0', '10.0.0.11', 1111],
  ['eth1', '10.0.1.10', 1111],
  ['eth1', '10.0.0.10', 1111],
];

const WIDE_PEERS_V6: readonly Peer[] = [
  ['eth0', 'fd00::10', 1111],
  ['eth0', 'fd00::10', 7000],
  ['eth0', 'fd00::11', 1111],
  ['eth1', 'fd01::10', 1111],
  ['eth1', 'fd00::10', 1111],
];

const NARROW_PEERS_V4: readonly Peer[] = [
  ['eth0', '10.0.0.10', 1111],
  ['eth0', '10.0.0.11', 1111],
  ['eth1', '10.0.1.10', 1111],
];

const NARROW_PEERS_V6: readonly Peer[] = [
  ['eth0', 'fd00::10', 1111],
  ['eth0', 'fd00::11', 1111],
  ['eth1', 'fd01::10', 1111],
];

function ofFamilies(
  families: readonly IpFamily[],
  words: Readonly<Record<IpFamily, readonly Remote[]>>,
): fc.Arbitrary<Remote> {
  return fc.oneof(...families.map((family) => fc.constantFrom(...words[family])));
}

function flows(
  families: readonly IpFamily[],
  words: Readonly<Record<IpFamily, readonly [readonly Peer[], readonly string[]]>>,
): Words['flow'] {
  return fc.oneof(
    ...families.map((family) => {
      const [peers, targets] = words[family];
      return fc.tuple(fc.constantFrom(...peers), fc.constantFrom(...targets));
    }),
  );
}
