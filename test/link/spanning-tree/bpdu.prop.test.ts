/** BPDUs as bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bpdu, type BpduRole } from '../../../src/link/spanning-tree/bpdu.ts';
import { MacAddress } from '../../../src/packet/mac-address.ts';
import { Payload } from '../../../src/packet/payload.ts';
import { bytesOf } from '../../../src/packet/pdu.ts';
import { DecodeError } from '../../../src/sim/errors.ts';
import { SECOND } from '../../../src/sim/time.ts';
import { runs } from '../../support/property.ts';

const u16 = fc.nat({ max: 0xffff });
const bridge = fc.record({
  priority: u16,
  mac: fc.tuple(u16, fc.nat({ max: 0xffffffff })).map(([high, low]) => MacAddress.of(high, low)),
});
const time = u16.map((units) => (units * SECOND) / 256);
const bpdus = fc
  .tuple(
    fc.record({
      topologyChange: fc.boolean(),
      proposal: fc.boolean(),
      role: fc.constantFrom<BpduRole>('unknown', 'alternate', 'root', 'designated'),
      learning: fc.boolean(),
      forwarding: fc.boolean(),
      agreement: fc.boolean(),
    }),
    fc.record({ root: bridge, cost: fc.nat({ max: 0xffffffff }), bridge, bridgePort: u16 }),
    fc.record({ messageAge: time, maxAge: time, helloTime: time, forwardDelay: time }),
  )
  .map(([flags, vector, times]) => new Bpdu(flags, vector, times));

describe('a BPDU', () => {
  it('is what its bytes say, with padding behind them', () => {
    fc.assert(
      fc.property(bpdus, fc.nat({ max: 10 }), (bpdu, padding) => {
        const bytes = new Uint8Array(bpdu.size + padding);
        expect(bpdu.emit(bytes, 0)).toBe(bpdu.size);
        expect(Bpdu.parse(new Payload(bytes))).toEqual(bpdu);
      }),
      runs(300),
    );
  });

  it('is refused with a reason, or read, whatever the bytes', () => {
    const begun = fc
      .tuple(bpdus, fc.array(fc.tuple(fc.nat({ max: 38 }), fc.nat({ max: 255 })), { maxLength: 3 }))
      .map(([bpdu, changes]) => {
        const bytes = bytesOf(bpdu);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(begun, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        try {
          expect(Bpdu.parse(new Payload(bytes)).size).toBe(39);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      runs(300),
    );
  });

  it('has the layout of IEEE 802.1D-2004 9.3.3', () => {
    const id = { priority: 0x8000, mac: MacAddress.parse('02:00:00:00:00:01') };
    const bpdu = new Bpdu(
      {
        topologyChange: false,
        proposal: true,
        role: 'designated',
        learning: false,
        forwarding: false,
        agreement: false,
      },
      { root: id, cost: 0, bridge: id, bridgePort: 0x8001 },
      { messageAge: 0, maxAge: 20 * SECOND, helloTime: 2 * SECOND, forwardDelay: 15 * SECOND },
    );
    const hex = [...bytesOf(bpdu)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    expect(hex).toBe(
      '424203' +
        '0000' +
        '02' +
        '02' +
        '0e' +
        '8000020000000001' +
        '00000000' +
        '8000020000000001' +
        '8001' +
        '0000' +
        '1400' +
        '0200' +
        '0f00' +
        '00',
    );
    expect(bpdu.format()).toBe(
      'RSTP designated, root 8000.02:00:00:00:00:01 cost 0, bridge 8000.02:00:00:00:00:01 port 8001',
    );
  });
});
