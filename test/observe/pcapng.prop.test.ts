/** Whatever is written can be read again: bytes, times, interfaces, comments. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PcapngWriter } from '../../src/observe/pcapng.ts';
import { Payload } from '../../src/packet/payload.ts';
import { runs } from '../support/property.ts';
import { readPcapng } from './read-pcapng.ts';

const packets = fc.array(
  fc.record({
    interfaceId: fc.nat(2),
    time: fc.maxSafeNat(),
    direction: fc.constantFrom('in' as const, 'out' as const),
    bytes: fc.uint8Array({ maxLength: 200 }),
    isPadded: fc.boolean(),
    comment: fc.option(fc.string({ unit: 'binary', maxLength: 40 }), { nil: null }),
  }),
  { maxLength: 20 },
);

it('a capture of any frames reads back the same', () => {
  fc.assert(
    fc.property(
      packets,
      fc.array(fc.string({ minLength: 1 }), { minLength: 3, maxLength: 3 }),
      (written, names) => {
        const { file, writer } = inMemory();
        for (const name of names) writer.addInterface(name);
        for (const p of written) {
          writer.packet(p.interfaceId, p.time, p.direction, new Payload(p.bytes), p.isPadded, p.comment);
        }
        writer.flush();
        const read = readPcapng(file());
        expect(read.interfaces).toEqual(names.map((name) => ({ name, linkType: 1, resolution: 9 })));
        expect(read.packets).toEqual(
          written.map((p) => {
            const bytes = new Uint8Array(p.isPadded ? Math.max(60, p.bytes.length) : p.bytes.length);
            bytes.set(p.bytes);
            return {
              interfaceName: names[p.interfaceId],
              time: p.time,
              bytes,
              originalLength: bytes.length,
              comment: p.comment,
              flags: p.direction === 'in' ? 1 : 2,
            };
          }),
        );
      },
    ),
    runs(200),
  );
});

it('a frame larger than the buffer, and more than one buffer of frames, are whole', () => {
  const { file, writer } = inMemory();
  const id = writer.addInterface('eth0');
  const huge = new Payload(new Uint8Array(3_000_000).fill(7));
  const small = new Payload(new Uint8Array(1000).fill(9));
  writer.packet(id, 1, 'in', huge, true, null);
  for (let i = 0; i < 3000; i++) writer.packet(id, 2 + i, 'in', small, true, 'x');
  writer.flush();
  const read = readPcapng(file());
  expect(read.packets.length).toBe(3001);
  expect(read.packets[0]!.bytes.every((byte) => byte === 7)).toBe(true);
  expect(read.packets.slice(1).every(({ bytes }) => bytes.length === 1000 && bytes[999] === 9)).toBe(true);
});

function inMemory() {
  const pieces: Uint8Array[] = [];
  const writer = new PcapngWriter({ write: (piece) => pieces.push(piece.slice()) });
  return { writer, file: () => new Uint8Array(Buffer.concat(pieces)) };
}
