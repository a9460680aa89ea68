/** Control messages of the network floor: ARP, ICMP, ICMPv6 with neighbour discovery and MLD, IGMP. */
import fc from 'fast-check';
import { ARP_REPLY, ARP_REQUEST, ArpPacket } from '../../network/arp.ts';
import { IcmpMessage } from '../../network/icmp.ts';
import { Icmpv6Message } from '../../network/icmpv6.ts';
import type { AnyIcmpv6 } from '../../network/icmpv6-messages.ts';
import { IGMP_QUERY, IGMP_V2_LEAVE, IGMP_V2_REPORT, IgmpMessage, IgmpReport } from '../../network/igmp.ts';
import { MldQuery, MldReport } from '../../network/mld.ts';
import {
  NDP_NEIGHBOUR_ADVERTISEMENT,
  NDP_NEIGHBOUR_SOLICITATION,
  NeighbourMessage,
  RouterAdvertisement,
  RouterSolicitation,
} from '../../network/ndp.ts';
import { ipv4Address, ipv6Address, macAddress } from './addresses.ts';
import { payload } from './bytes.ts';

const WORD = fc.nat(0xffffffff);

/** A request or a reply (RFC 826). */
export function arpPacket(): fc.Arbitrary<ArpPacket> {
  return fc
    .tuple(
      fc.constantFrom(ARP_REQUEST, ARP_REPLY),
      macAddress({ unicast: true }),
      ipv4Address(),
      macAddress(),
      ipv4Address(),
    )
    .map((fields) => new ArpPacket(...fields));
}

/** Echo, errors with what they quote, and types that nobody knows (RFC 792). */
export function icmpMessage(): fc.Arbitrary<IcmpMessage> {
  const type = fc.oneof(fc.constantFrom(8, 0, 3, 11, 12, 5, 13), fc.nat(255));
  return fc
    .tuple(type, fc.nat(15), WORD, payload({ max: 64 }))
    .map(([kind, code, rest, data]) => new IcmpMessage(kind, code, rest, data));
}

/** Types of ICMPv6 that have a class of their own. */
const KNOWN_V6 = [130, 133, 134, 135, 136, 143];

/** Echo and errors (RFC 4443), neighbour discovery (RFC 4861), MLD (RFC 3810). */
export function icmpv6Message(): fc.Arbitrary<AnyIcmpv6> {
  const type = fc.constantFrom(128, 129, 1, 2, 3, 4, 200).filter((kind) => !KNOWN_V6.includes(kind));
  const plain = fc
    .tuple(type, fc.nat(6), WORD, payload({ max: 64 }))
    .map(([kind, code, rest, data]) => new Icmpv6Message(kind, code, rest, data));
  return fc.oneof<fc.Arbitrary<AnyIcmpv6>[]>(plain, neighbourMessage(), routerMessage(), mldMessage());
}

/** Queries, reports and leaves of version 2, reports of version 3 (RFC 2236, RFC 3376). */
export function igmpMessage(): fc.Arbitrary<IgmpMessage | IgmpReport> {
  const plain = fc
    .tuple(fc.constantFrom(IGMP_QUERY, IGMP_V2_REPORT, IGMP_V2_LEAVE), fc.nat(255), ipv4Address())
    .map(([type, maxResponse, group]) => new IgmpMessage(type, maxResponse, group));
  const record = fc.record({
    kind: fc.integer({ min: 1, max: 6 }),
    group: ipv4Address({ within: '224.0.0.0/4' }),
  });
  const report = fc.array(record, { maxLength: 4 }).map((records) => new IgmpReport(records));
  return fc.oneof<fc.Arbitrary<IgmpMessage | IgmpReport>[]>(plain, report);
}

function neighbourMessage(): fc.Arbitrary<NeighbourMessage> {
  const mac = fc.option(macAddress({ unicast: true }));
  const target = ipv6Address();
  return fc.oneof(
    fc.tuple(target, mac).map((fields) => new NeighbourMessage(NDP_NEIGHBOUR_SOLICITATION, ...fields)),
    fc
      .tuple(target, mac, fc.boolean(), fc.boolean(), fc.boolean())
      .map((fields) => new NeighbourMessage(NDP_NEIGHBOUR_ADVERTISEMENT, ...fields)),
  );
}

function routerMessage(): fc.Arbitrary<RouterSolicitation | RouterAdvertisement> {
  const mac = fc.option(macAddress({ unicast: true }));
  const prefix = fc.record({
    prefix: ipv6Address({ within: 'fd00::/16' }).map((address) => ({ address, length: 128 })),
    isOnLink: fc.boolean(),
    isAutonomous: fc.boolean(),
    validLifetime: WORD,
    preferredLifetime: WORD,
  });
  const facts = fc.record({
    hopLimit: fc.nat(255),
    lifetime: fc.nat(65535),
    mac,
    mtu: fc.constantFrom(0, 1280, 1500),
    prefixes: fc.array(prefix, { maxLength: 2 }),
  });
  return fc.oneof<fc.Arbitrary<RouterSolicitation | RouterAdvertisement>[]>(
    mac.map((known) => new RouterSolicitation(known)),
    facts.map((told) => new RouterAdvertisement(told)),
  );
}

function mldMessage(): fc.Arbitrary<MldQuery | MldReport> {
  const group = ipv6Address({ within: 'ff00::/8' });
  const record = fc.record({ kind: fc.integer({ min: 1, max: 6 }), group });
  return fc.oneof<fc.Arbitrary<MldQuery | MldReport>[]>(
    fc.tuple(fc.nat(0x7fff), group).map(([maxResponse, asked]) => new MldQuery(maxResponse, asked)),
    fc.array(record, { maxLength: 3 }).map((records) => new MldReport(records)),
  );
}
