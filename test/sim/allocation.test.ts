/** What happens for every event or every packet takes no memory beyond the packet itself. */
import { describe, expect, it } from 'vitest';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { type EventHandler, Simulator } from '../../src/sim/simulator.ts';
import { NEVER } from '../../src/sim/time.ts';
import { LazyTimer } from '../../src/sim/timer.ts';
import { WheelQueue } from '../../src/sim/wheel-queue.ts';
import { EstablishedTable } from '../../src/sockets/demux/established-table.ts';
import { ByteQueue } from '../../src/transport/tcp/byte-queue.ts';
import { RetransmissionQueue } from '../../src/transport/tcp/retransmission-queue.ts';
import { bytesPerCall } from '../support/allocation.ts';

/** A number that does not fit into 31 bits may be boxed on its way through a call. */
const BOXED_NUMBER = 16;
/** What the measurement itself adds. */
const NOTHING = 1;

describe('memory per operation', () => {
  it('sees an object', () => {
    const kept: object[] = [{}];
    const bytes = bytesPerCall(() => {
      kept[0] = { a: 1, b: 2 };
    });
    expect(bytes).toBeGreaterThan(BOXED_NUMBER);
  });

  it('is nothing in the event queue', () => {
    const queue = new WheelQueue();
    for (let slot = 0; slot < 1000; slot++) queue.push(5_000_000_000 + slot * 977, slot);
    const bytes = bytesPerCall(() => {
      const slot = queue.popUntil(NEVER);
      queue.push(queue.timeOf(slot) + 1_000_000, slot);
    });
    expect(bytes).toBeLessThan(2 * BOXED_NUMBER + NOTHING);
  });

  it('is at most two boxed times for an event and a timer that moves with it', () => {
    const simulator = new Simulator();
    const timer = new LazyTimer(simulator, 'timeout', () => {});
    class Ticker implements EventHandler {
      readonly place = simulator.addPlace('ticker', this);
      onEvent(): void {
        timer.set(simulator.now + 200_000_000);
        simulator.after(1_000_000, this.place, 0, null);
      }
    }
    new Ticker().onEvent();
    simulator.run({ until: 5_000_000_000 });
    expect(bytesPerCall(() => simulator.step())).toBeLessThan(3 * BOXED_NUMBER + NOTHING);
  });

  it('is nothing to find a connection', () => {
    const server = IpAddress.parse('10.0.0.1');
    const clients = Array.from({ length: 16 }, (_, i) => IpAddress.parse(`10.0.1.${i + 1}`));
    const table = new EstablishedTable<{ twin: null }>();
    for (const client of clients) table.add({ twin: null }, server, 80, client, 5000);
    let i = 0;
    expect(
      bytesPerCall(() => {
        table.find(server, 80, clients[i++ & 15]!, 5000);
      }),
    ).toBeLessThan(NOTHING);
  });

  it('is nothing for a segment that is sent and acknowledged', () => {
    const queue = new RetransmissionQueue();
    let seq = 0;
    const bytes = bytesPerCall(() => {
      queue.push(seq, seq + 1448, 0, 1000);
      queue.stampDelivery(0, 1, 2, 3);
      seq = (seq + 1448) & 0xfffffff;
      queue.shift();
    });
    expect(bytes).toBeLessThan(NOTHING);
  });

  it('is nothing for a piece that is written and taken', () => {
    const queue = new ByteQueue();
    const piece = Payload.zeros(100);
    const bytes = bytesPerCall(() => {
      queue.append(piece);
      queue.slice(0, 100);
      queue.drop(100);
    });
    expect(bytes).toBeLessThan(NOTHING);
  });
});
