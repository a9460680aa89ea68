/** Random addresses, options and packets for the properties of the network floor. */
import fc from 'fast-check';
import { Ipv4Packet } from '../../src/network/ipv4.ts';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { Payload } from '../../src/packet/payload.ts';

export const addresses: fc.Arbitrary<IpAddress> = fc.nat(0xffffffff).map((bits) => IpAddress.v4(bits));

export function bytes(maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength });
}

/** Any options at all, of a length that a header can have. */
export const optionBytes: fc.Arbitrary<Uint8Array | null> = fc.option(
  fc.nat(9).chain((words) => fc.uint8Array({ minLength: 4 * (words + 1), maxLength: 4 * (words + 1) })),
);

/** Whole packets and fragments. */
export function packets(maxPayload: number): fc.Arbitrary<Ipv4Packet> {
  return fc
    .record({
      src: addresses,
      dst: addresses,
      protocol: fc.nat(255),
      ttl: fc.nat(255),
      tos: fc.nat(255),
      id: fc.nat(65535),
      flags: fc.nat(7),
      offset: fc.nat(0x1fff),
      options: optionBytes,
      payload: bytes(maxPayload),
    })
    .map(
      (p) =>
        new Ipv4Packet(
          p.src,
          p.dst,
          p.protocol,
          p.ttl,
          p.tos,
          p.id,
          p.flags,
          p.offset * 8,
          p.options,
          new Payload(p.payload),
        ),
    );
}
