/** Point-to-point links: when frames arrive, what waits, what is refused, what a link that goes down does to them. */
import { describe, expect, it } from 'vitest';
import { EthernetFrame } from '../../src/link/frame.ts';
import { ETHERNET_FRAMING_WITH_GAP, PPP_FRAMING } from '../../src/link/framing.ts';
import { connect, type Link, type LinkOptions } from '../../src/link/link.ts';
import { BROADCAST_MAC } from '../../src/packet/mac-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { ConfigError } from '../../src/sim/errors.ts';
import { Simulator } from '../../src/sim/simulator.ts';
import { frame, mac, Station, TEST_TYPE } from './support.ts';

interface World {
  readonly simulator: Simulator;
  readonly a: Station;
  readonly b: Station;
  readonly link: Link;
}

/** Two stations on a link of 100 Mb/s (80 ns a byte) and 1 µs, if nothing else is said. */
function world(options: Partial<LinkOptions> = {}): World {
  const simulator = new Simulator();
  const a = new Station(simulator, 1);
  const b = new Station(simulator, 2);
  const link = connect(simulator, a.device, b.device, { rateBps: 1e8, delayNs: 1000, ...options });
  return { simulator, a, b, link };
}

describe('a link', () => {
  it('delivers after transmission time and delay: 14 + payload + 4 bytes, at least 64', () => {
    const { simulator, a, b } = world();
    a.device.send(frame(1, 2, 1000));
    a.device.send(frame(1, 2, 10));
    simulator.run();
    expect(b.times).toEqual([1018 * 80 + 1000, 1018 * 80 + 64 * 80 + 1000]);
  });

  it('costs one event per frame', () => {
    const { simulator, a } = world();
    for (let i = 0; i < 10; i++) a.device.send(frame(1, 2));
    simulator.run();
    expect(simulator.events).toBe(10);
  });

  it('carries both directions at once', () => {
    const { simulator, a, b } = world();
    a.device.send(frame(1, 2, 1000));
    b.device.send(frame(2, 1, 1000));
    simulator.run();
    expect([...a.times, ...b.times]).toEqual([1018 * 80 + 1000, 1018 * 80 + 1000]);
  });

  it('takes other framings: 2 bytes of PPP, or preamble and gap', () => {
    const ppp = world({ framing: PPP_FRAMING, rateBps: 1e9, delayNs: 0 });
    ppp.a.device.send(frame(1, 2, 1028));
    ppp.simulator.run();
    expect(ppp.b.times).toEqual([1030 * 8]);

    const gap = world({ framing: ETHERNET_FRAMING_WITH_GAP, rateBps: 1e9, delayNs: 0 });
    gap.a.device.send(frame(1, 2, 10));
    gap.simulator.run();
    expect(gap.b.times).toEqual([84 * 8]);
  });

  it('rounds the transmission time of each frame to whole nanoseconds once', () => {
    const { simulator, a, b } = world({ rateBps: 3e9, delayNs: 0 }); // 118 bytes: 314.67 ns
    for (let i = 0; i < 3; i++) a.device.send(frame(1, 2, 100));
    simulator.run();
    expect(b.times).toEqual([315, 630, 945]);
  });

  it('takes no time when the rate is infinite', () => {
    const { simulator, a, b } = world({ rateBps: Number.POSITIVE_INFINITY, delayNs: 7 });
    a.device.send(frame(1, 2));
    simulator.run();
    expect(b.times).toEqual([7]);
  });
});

describe('its drop-tail queue', () => {
  it('counts packets that wait, not the one on the wire', () => {
    const { simulator, a, b } = world({ queue: { packets: 2 } });
    for (let i = 0; i < 5; i++) a.device.send(frame(1, 2, 100)); // 118 bytes: 9440 ns each
    expect(a.device.drops.entries()).toEqual([['link.queue-full', 2]]);
    simulator.run();
    expect(b.received.length).toBe(3);
  });

  it('has room again when a transmission begins', () => {
    const { simulator, a, b, link } = world({ queue: { packets: 1 } });
    a.device.send(frame(1, 2, 100));
    a.device.send(frame(1, 2, 100));
    simulator.run({ until: 9439 });
    expect(link.aToB.queuedPackets).toBe(1);
    a.device.send(frame(1, 2, 100));
    simulator.run({ until: 9440 }); // the second is on the wire from now on
    expect(link.aToB.queuedPackets).toBe(0);
    a.device.send(frame(1, 2, 100));
    simulator.run();
    expect(b.times).toEqual([10440, 19880, 29320]);
    expect(a.device.drops.count('link.queue-full')).toBe(1);
  });

  it('counts bytes when the limit is in bytes', () => {
    const { simulator, a, b, link } = world({ queue: { bytes: 300 } });
    for (let i = 0; i < 4; i++) a.device.send(frame(1, 2, 136)); // 150 bytes each
    expect(link.aToB.queuedBytes).toBe(300);
    a.device.send(frame(1, 2, 1));
    simulator.run();
    expect(b.received.length).toBe(3);
    expect(a.device.drops.count('link.queue-full')).toBe(2);
  });

  it('keeps order while its ring grows and wraps', () => {
    const { simulator, a, b } = world({ queue: { packets: 100 } });
    let sent = 0;
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 7; i++) a.device.send(frame(1, 2, 100 + sent++));
      simulator.run({ until: simulator.now + 20_000 });
    }
    simulator.run();
    const sizes = b.received.map(({ frame: { payload } }) => payload.size);
    expect(sizes).toEqual(sizes.toSorted((x, y) => x - y));
    expect(sizes.length + a.device.drops.count('link.queue-full')).toBe(140);
  });
});

describe('link down', () => {
  it('voids what is queued and in flight, and is seen by both devices', () => {
    const { simulator, a, b, link } = world({ delayNs: 1_000_000 });
    for (let i = 0; i < 3; i++) a.device.send(frame(1, 2));
    simulator.run({ until: 10_000 });
    link.setUp(false);
    expect([a.carrier, b.carrier]).toEqual([
      [true, false],
      [true, false],
    ]);
    a.device.send(frame(1, 2));
    simulator.run({ until: 20_000 });
    link.setUp(true);
    a.device.send(frame(1, 2));
    simulator.run();
    expect(b.times).toEqual([20_000 + 9440 + 1_000_000]);
    expect(a.device.drops.entries()).toEqual([
      ['link.down', 3],
      ['link.no-carrier', 1],
    ]);
  });
});

describe('a device', () => {
  it('refuses frames beyond its MTU, with room for a tag where there is one', () => {
    const { simulator, a, b } = world();
    a.device.send(frame(1, 2, 1500));
    a.device.send(frame(1, 2, 1501));
    a.device.send(new EthernetFrame(mac(2), mac(1), TEST_TYPE, Payload.zeros(1500), 5));
    simulator.run();
    expect(b.received.length).toBe(2);
    expect(a.device.drops.entries()).toEqual([['link.too-big', 1]]);
  });

  it('drops frames with a bad FCS, and oversize ones, on arrival', () => {
    const { simulator, a, b } = world();
    a.device.mtu = 9000;
    a.device.send(new EthernetFrame(mac(2), mac(1), TEST_TYPE, Payload.zeros(10), -1, true));
    a.device.send(frame(1, 2, 1504));
    a.device.send(frame(1, 2, 1505));
    simulator.run();
    expect(b.device.drops.entries()).toEqual([
      ['link.bad-fcs', 1],
      ['link.oversize', 1],
    ]);
    expect(b.received.length).toBe(1);
  });

  it('neither sends nor receives while it is switched off', () => {
    const { simulator, a, b } = world();
    a.device.send(frame(1, 2));
    b.device.setEnabled(false);
    b.device.send(frame(2, 1));
    simulator.run();
    expect(b.device.drops.entries()).toEqual([
      ['link.device-down', 1],
      ['link.receiver-down', 1],
    ]);
    expect(a.device.isUp).toBe(true);
  });

  it('counts frames and bytes, and shows them to the tap', () => {
    const { simulator, a, b } = world();
    const seen: string[] = [];
    a.device.tap = {
      frame: (direction, device, pdu) => seen.push(`${direction} ${device} ${pdu.size}`),
      dropped: (reason) => seen.push(reason),
      demultiplexed: () => {},
    };
    a.device.send(new EthernetFrame(BROADCAST_MAC, mac(1), TEST_TYPE, Payload.zeros(28)));
    b.device.send(frame(2, 1, 100));
    a.device.send(frame(1, 2, 2000));
    simulator.run();
    expect(seen).toEqual(['out eth1 42', 'link.too-big', 'in eth1 114']);
    expect([a.device.txFrames, a.device.txBytes, a.device.rxFrames, a.device.rxBytes]).toEqual([
      1, 60, 1, 114,
    ]);
  });

  it('has room for one cable', () => {
    const { simulator, a, b } = world();
    expect(() => connect(simulator, a.device, b.device, { rateBps: 1e9, delayNs: 0 })).toThrow(ConfigError);
  });
});

describe('connect', () => {
  it.each([
    { rateBps: 0 },
    { rateBps: Number.NaN },
    { delayNs: -1 },
    { delayNs: 0.5 },
    { queue: { packets: -1 } },
  ])('refuses %j', (wrong) => {
    expect(() => world(wrong)).toThrow(ConfigError);
  });
});

describe('a cable that is moved', () => {
  it('loses what is under way, tells all three devices, and joins the new pair', () => {
    const simulator = new Simulator();
    const [a, b, c] = [1, 2, 3].map((n) => new Station(simulator, n)) as [Station, Station, Station];
    const link = connect(simulator, a.device, b.device, { rateBps: 1e9, delayNs: 1000 });
    a.device.send(frame(1, 2));
    link.replug(b.device, c.device);
    simulator.run();
    expect(a.device.drops.entries()).toEqual([['link.down', 1]]);
    expect([a.carrier, b.carrier, c.carrier]).toEqual([[true, false, true], [true, false], [true]]);
    a.device.send(frame(1, 3));
    c.device.send(frame(3, 1));
    simulator.run();
    expect([a.received.length, b.received.length, c.received.length]).toEqual([1, 0, 1]);
    expect(() => link.replug(a.device, c.device)).toThrow('plugged in already');
  });
});
