/** Packets as text: what is understood, and how a mistake is shown. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IpAddress } from '../../../src/packet/ip-address.ts';
import { ConfigError } from '../../../src/sim/errors.ts';
import {
  arriving,
  formatPacket,
  PacketTextError,
  parsePacket,
} from '../../../src/sockets/spec/packet-text.ts';
import { corpusHost } from '../../support/spec.ts';

describe('a packet as text', () => {
  it('has two ends, and for the rest what is usual', () => {
    const packet = arriving(parsePacket('udp 10.0.0.10:1111 > 10.0.0.1:5000'), corpusHost());
    expect(packet).toMatchObject({
      src: '10.0.0.10',
      srcPort: 1111,
      dst: '10.0.0.1',
      dstPort: 5000,
      device: 'eth0',
    });
    expect(arriving(parsePacket('tcp 10.0.1.10:1 > 10.0.0.1:80'), corpusHost())).toMatchObject({
      device: 'eth1',
      flags: 'syn',
    });
    expect(arriving(parsePacket('tcp 10.0.0.1:1 > 127.0.0.1:80 flags SA'), corpusHost())).toMatchObject({
      device: 'lo',
      flags: 'ack',
    });
  });

  it('has IPv6 addresses in brackets, in any of their forms', () => {
    const packet = arriving(parsePacket('tcp [FD01:0:0::10]:1 > [fd00::1]:80'), corpusHost());
    expect(packet).toMatchObject({ src: 'fd01::10', dst: 'fd00::1', dstPort: 80, device: 'eth1' });
    expect(formatPacket(packet)).toBe('tcp [fd01::10]:1 > [fd00::1]:80 dev eth1 flags S');
  });

  it.each([
    ['', 1, 'the packet ends'],
    ['upd 10.0.0.10:1 > 10.0.0.1:2', 1, "'upd' is no transport"],
    ['udp 10.0.0.10 > 10.0.0.1:2', 5, 'has no port'],
    ['udp 10.0.0.10:1 10.0.0.1:2', 17, 'is unexpected'],
    ['udp 10.0.0.10:1 > 10.0.0.1:65536', 28, 'is no port'],
    ['udp 10.0.0.256:1 > 10.0.0.1:2', 5, 'is not an IPv4 address'],
    ['udp 10.0.0.10:1 > 10.0.0.1:2 by eth0', 30, "'by' is unexpected"],
    ['udp 10.0.0.10:1 > 10.0.0.1:2 dev', 33, 'the packet ends'],
    ['udp 10.0.0.10:1 > 10.0.0.1:2 flags S', 36, 'a datagram has no flags'],
    ['tcp 10.0.0.10:1 > 10.0.0.1:2 flags Q', 36, 'are no flags'],
    ['tcp fd00::10:1 > [fd00::1]:80', 5, "'fd00::10:1' is no address and port"],
    ['tcp [fd00::10] > [fd00::1]:80', 5, 'has no port'],
    ['tcp [fd00::10:1 > [fd00::1]:80', 5, 'is no address and port'],
    ['tcp [fd00::10]:1 > [fd00::xyz]:80', 21, 'is not an IPv6 address'],
    ['tcp [fd00::10]:1 > [fd00::1]:99999', 30, 'is no port'],
    ['tcp [fe80::10%eth0]:1 > [fe80::1]:80', 6, 'has a zone'],
    ['tcp [10.0.0.10]:1 > 10.0.0.1:80', 6, 'stands in brackets'],
    ['tcp [::ffff:10.0.0.10]:1 > 10.0.0.1:80', 6, 'is a mapped address'],
    ['tcp [fd00::10]:1 > 10.0.0.1:80', 20, 'the ends are of two families'],
  ])('is refused at its place: %s', (text, column, problem) => {
    const error = errorOf(() => parsePacket(text));
    expect(error).toBeInstanceOf(PacketTextError);
    expect(error).toMatchObject({ column });
    expect(error?.message).toContain(problem);
  });

  it('must name an interface that is there', () => {
    const text = parsePacket('udp 10.0.0.10:1 > 10.0.0.1:2 dev eht0');
    expect(errorOf(() => arriving(text, corpusHost()))?.expected).toBe("did you mean 'eth0'?");
  });

  it('is read as it was written, and nonsense never throws anything else', () => {
    const port = fc.nat(65535);
    const v4 = fc.tuple(fc.ipV4(), port).map(([address, one]) => `${address}:${one}`);
    const words = fc.tuple(...Array.from({ length: 4 }, () => fc.nat(0xffffffff)));
    const v6 = fc
      .tuple(words, port)
      .map(([[a, b, c, d], one]) => `[${IpAddress.v6((a | 1) >>> 0, b, c, d)}]:${one}`);
    const ends = fc.oneof(fc.tuple(v4, v4), fc.tuple(v6, v6));
    const device = fc.constantFrom('lo', 'eth0', 'eth1');
    fc.assert(
      fc.property(fc.constantFrom('udp', 'tcp'), ends, device, (transport, [src, dst], dev) => {
        const text = `${transport} ${src} > ${dst} dev ${dev}`;
        expect(formatPacket(arriving(parsePacket(text), corpusHost()))).toContain(text);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const error = errorOf(() => parsePacket(text));
        expect(error === null || error instanceof PacketTextError).toBe(true);
      }),
    );
  });
});

function errorOf(act: () => unknown): ConfigError | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
