/** Figures over time: from what was recorded, and by looking while frames pass. */
import { describe, expect, it } from 'vitest';
import { bulkReceiver } from '../../src/apps/bulk-receiver.ts';
import { bulkSender } from '../../src/apps/bulk-sender.ts';
import { Sampler, throughput } from '../../src/observe/time-series.ts';
import { MILLISECOND, SECOND } from '../../src/sim/time.ts';
import { endpoint, pair, record, start } from '../support/lan.ts';

function transfer() {
  const network = pair({ cable: { rate: 10_000_000 } });
  const receiver = start(network, 'b', bulkReceiver, {});
  start(network, 'a', bulkSender, { to: endpoint('10.0.0.2:5001'), size: 1_000_000 });
  return { network, receiver };
}

describe('time series', () => {
  it('of throughput stay below the rate of the link, reach it, and add up to what was sent', () => {
    const { network } = transfer();
    const { frames } = record(network);
    network.run({ until: 10 * SECOND });
    const series = throughput(frames, 'b.eth0', 'in', 100 * MILLISECOND, 2 * SECOND);
    expect(series.length).toBe(20);
    expect(series[0]!.time).toBe(100 * MILLISECOND);
    const values = series.map(({ value }) => value);
    expect(Math.max(...values)).toBeLessThanOrEqual(10_000_000 + 1514 * 80); // one frame may end in the next interval
    expect(values[3]).toBeGreaterThan(9_500_000);
    expect(values.at(-1)).toBe(0);
    const bytes = network.host('b').ports[0]!.rxBytes;
    expect(values.reduce((sum, value) => sum + value, 0) / 80).toBeGreaterThan(bytes * 0.99);
  });

  it('of anything else are sampled without changing the run', () => {
    const plain = transfer();
    plain.network.run({ until: 10 * SECOND });
    const { network, receiver } = transfer();
    const interval = 50 * MILLISECOND;
    const sampler = new Sampler(
      network.simulator,
      interval,
      { received: () => receiver.statistics.bytes },
      null,
    );
    network.node('b').observe(sampler);
    network.run({ until: 10 * SECOND });
    expect(network.simulator.fingerprint.toString()).toBe(plain.network.simulator.fingerprint.toString());
    const samples = sampler.series['received']!;
    expect(samples.length).toBeGreaterThan(15);
    for (const [i, sample] of samples.entries()) {
      if (i === 0) continue;
      expect(sample.time - samples[i - 1]!.time).toBeGreaterThanOrEqual(interval);
      expect(sample.value).toBeGreaterThanOrEqual(samples[i - 1]!.value);
    }
  });
});
