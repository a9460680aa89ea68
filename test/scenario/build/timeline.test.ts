/** Every action of the timeline, seen through what it does to a datagram per second from client to server. */
import { describe, expect, it } from 'vitest';
import { ScenarioRun } from '../../../src/scenario/build/run.ts';
import { SECOND } from '../../../src/sim/time.ts';
import { scenarioOf } from '../support.ts';

const SECONDS = 8;

/** Ten milliseconds after each full second the client sends a datagram. */
const BASE = `title: a datagram per second
until: ${SECONDS}s
hosts:
  client: { interfaces: { eth0: 10.0.0.2/24 } }
  server: { interfaces: { eth0: 10.0.0.1/24 } }
links:
  cable: client -- server
programs:
  sink: { host: server, run: udp-sink, port: 9 }
  source: { host: client, run: cbr-sender, to: 10.0.0.1:9, rate: 800bps, size: 100B, start: 10ms }
`;

describe('the timeline', () => {
  it('without an action: a datagram arrives in every second', () => {
    expect(arrivals('')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it.each([
    [
      'takes a link down and up',
      '{ at: 2s, do: link-down, link: cable }, { at: 4s, do: link-up, link: cable }',
      [0, 1, 4, 5, 6, 7],
    ],
    [
      'partitions and heals',
      '{ at: 2s, do: partition, link: cable }, { at: 4s, do: heal, link: cable }',
      [0, 1, 4, 5, 6, 7],
    ],
    [
      'partitions one way only: the other way',
      '{ at: 2s, do: partition, link: cable, from: server }',
      [0, 1, 2, 3, 4, 5, 6, 7],
    ],
    ['partitions one way only: this way', '{ at: 2s, do: partition, link: cable, from: client }', [0, 1]],
    [
      'impairs, and replaces what it did',
      '{ at: 2s, do: impair, link: cable, impairments: [{ do: drop, packets: 1-2 }] }, { at: 3s, do: impair, link: cable, impairments: [] }',
      [0, 1, 3, 4, 5, 6, 7],
    ],
    [
      'drops packets by number and filter',
      "{ at: 2s, do: drop, link: cable, match: 'udp and dst port 9', packets: '2, 4' }",
      [0, 1, 2, 4, 6, 7],
    ],
    [
      'stops and starts a program',
      '{ at: 2s, do: stop, program: source }, { at: 4010ms, do: start, program: source }',
      [0, 1, 4, 5, 6, 7],
    ],
    ['crashes a host', '{ at: 2s, do: crash, host: server }', [0, 1]],
    [
      'crashes and restarts a host, whose programs start anew',
      '{ at: 2s, do: crash, host: client }, { at: 4010ms, do: restart, host: client }',
      [0, 1, 4, 5, 6, 7],
    ],
    [
      'takes an address away and gives it back',
      '{ at: 2s, do: remove-address, host: server, interface: eth0, address: 10.0.0.1 }, { at: 4s, do: add-address, host: server, interface: eth0, address: 10.0.0.1/24 }',
      [0, 1, 4, 5, 6, 7],
    ],
    [
      'sets a sysctl: what the server ignores',
      '{ at: 0s, do: set, host: client, sysctl: net.ipv4.ip_default_ttl, value: 7 }',
      [0, 1, 2, 3, 4, 5, 6, 7],
    ],
  ])('%s', (_, actions, seconds) => {
    expect(arrivals(actions)).toEqual(seconds);
  });

  it('sets sysctls that packets show', () => {
    const run = runOf('{ at: 3s, do: set, host: client, sysctl: net.ipv4.ip_default_ttl, value: 7 }');
    const ttls = sentBy(run).map((frame) => /ttl (\d+)/.exec(frame.format())?.[1]);
    expect(ttls.length).toBe(SECONDS);
    expect(new Set(ttls).size).toBe(2);
  });

  it('starts a program whose time comes after the restart', () => {
    const text = BASE.replace('start: 10ms', 'start: 5010ms');
    const actions = '{ at: 2s, do: crash, host: client }, { at: 3s, do: restart, host: client }';
    expect(arrivals(actions, text)).toEqual([5, 6, 7]);
  });
});

function runOf(actions: string, text: string = BASE): ScenarioRun {
  const run = new ScenarioRun(scenarioOf(`${text}timeline: [${actions}]\n`));
  run.run();
  return run;
}

/** The seconds in which the sink read something: one datagram, or several that waited for ARP. */
function arrivals(actions: string, text: string = BASE): number[] {
  const { readings } = runOf(actions, text).programs;
  return [...new Set(readings.map(({ time }) => Math.floor(time / SECOND)))];
}

function sentBy(run: ScenarioRun) {
  const matches = run.directory.matcher(null);
  return run.recorder.frames
    .filter(({ node, direction, frame }) => node === 'client' && direction === 'out' && matches(frame))
    .map(({ frame }) => (frame as unknown as { payload: { format(): string } }).payload)
    .filter((packet) => packet.format().includes('UDP'));
}
