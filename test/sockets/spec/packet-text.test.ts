/** Packets as text: what is understood, and how a mistake is shown. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
    const end = fc.tuple(fc.ipV4(), fc.nat(65535)).map(([address, port]) => `${address}:${port}`);
    const device = fc.constantFrom('lo', 'eth0', 'eth1');
    fc.assert(
      fc.property(fc.constantFrom('udp', 'tcp'), end, end, device, (transport, src, dst, dev) => {
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
