/** What a packet filter says, as data. The words are tcpdump's where tcpdump has them (pcap-filter(7)). */

import type { MacAddress } from '../../packet/mac-address.ts';
import type { Prefix } from '../../packet/prefix.ts';
import type { NamedHost } from '../schema/endpoint.ts';

export type Side = 'src' | 'dst' | 'either';
export type Comparison = '<' | '<=' | '=' | '!=' | '>=' | '>';

export const PROTOCOL_WORDS = ['arp', 'ip', 'ip6', 'icmp', 'icmp6', 'igmp', 'tcp', 'udp'] as const;
export type ProtocolWord = (typeof PROTOCOL_WORDS)[number];

/** Numbers of a packet that can be compared. */
export const QUANTITY_WORDS = ['length', 'ttl', 'tos', 'id', 'window', 'icmptype', 'icmpcode'] as const;
export type QuantityWord = (typeof QUANTITY_WORDS)[number];

/** Properties that a packet has or has not. */
export const PROPERTY_WORDS = ['broadcast', 'multicast', 'fragment'] as const;
export type PropertyWord = (typeof PROPERTY_WORDS)[number];

export type FilterNode =
  | { readonly kind: 'and'; readonly left: FilterNode; readonly right: FilterNode }
  | { readonly kind: 'or'; readonly left: FilterNode; readonly right: FilterNode }
  | { readonly kind: 'not'; readonly of: FilterNode }
  | { readonly kind: 'protocol'; readonly protocol: ProtocolWord }
  | { readonly kind: 'property'; readonly property: PropertyWord }
  | ({ readonly kind: 'host'; readonly side: Side } & NamedHost)
  | { readonly kind: 'net'; readonly side: Side; readonly net: Prefix }
  | { readonly kind: 'port'; readonly side: Side; readonly first: number; readonly last: number }
  | { readonly kind: 'ether'; readonly side: Side; readonly mac: MacAddress }
  | { readonly kind: 'vlan'; readonly vlan: number | null }
  | { readonly kind: 'flags'; readonly set: number; readonly exact: boolean }
  | {
      readonly kind: 'compare';
      readonly quantity: QuantityWord;
      readonly comparison: Comparison;
      readonly value: number;
    }
  | { readonly kind: 'contains'; readonly text: string };

/** A filter and the text that it was read from. */
export interface Filter {
  readonly text: string;
  readonly root: FilterNode;
}
