/**
 * Looks for a protocol property that the code beside it breaks, and says how small the case became:
 * one line of JSON. Run by `mutants.ts` in a copy of the sources in which one line is wrong.
 */
import fc from 'fast-check';
import type { IpFamily } from '../../src/packet/ip-address.ts';
import { CounterexampleError, checkNetwork, type NetworkProperty } from '../../src/testing/index.ts';
import { assemble } from '../../src/testing/property/assemble.ts';
import { runScenario } from '../../src/testing/run/run-scenario.ts';
import { PROTOCOL_PROPERTIES } from '../../test/protocol/all.ts';
import { disagreement } from '../../test/support/agreement.ts';
import { programs } from '../../test/support/socket-programs.ts';

/** What was found; hosts and packets of the smallest case. */
export interface Found {
  readonly property: string;
  readonly hosts: number;
  readonly packets: number;
  readonly what: string;
}

const NETWORKS = 150;
const PROGRAMS = 3000;
const SEED = 20261121;
/** Of the random programs: first those that are easier to read. */
const FAMILIES: readonly (readonly IpFamily[])[] = [[4], [4, 6]];

/** Which property is asked first about a fault of a folder: most likely it is the one that is about that protocol. */
const FIRST: readonly (readonly [folder: string, word: string])[] = [
  ['src/sockets/tcp', 'SYN'],
  ['src/sockets/demux/listeners', 'SYN'],
  ['src/transport/tcp', 'TCP'],
  ['src/network/arp', 'hosts of one network'],
  ['src/network', 'router'],
  ['src/link', 'hosts of one network'],
];

/** @param file in which the fault is */
async function hunt(file: string): Promise<Found | null> {
  const word = FIRST.find(([folder]) => file.startsWith(folder))?.[1] ?? '';
  const likely = PROTOCOL_PROPERTIES.filter(({ name }) => name.includes(word));
  for (const property of new Set([...likely, ...PROTOCOL_PROPERTIES])) {
    const found = await inNetworks(property);
    if (found !== null) return found;
  }
  for (const families of FAMILIES) {
    const found = inPrograms(families);
    if (found !== null) return found;
  }
  return null;
}

async function inNetworks(property: NetworkProperty<never>): Promise<Found | null> {
  try {
    await checkNetwork(property, { numRuns: NETWORKS, seed: SEED, sink: null, maxEvents: 200_000 });
    return null;
  } catch (error) {
    if (!(error instanceof CounterexampleError))
      return { property: property.name, hosts: 0, packets: 0, what: firstLine(error) };
    const { scenario } = error.testCase;
    const hosts = Object.keys(scenario.hosts ?? {}).length + Object.keys(scenario.routers ?? {}).length;
    return {
      property: property.name,
      hosts,
      packets: packetsOf(property, error),
      what: firstLine(error.cause),
    };
  }
}

/** Packets that hosts and routers sent, up to the end or to where the run broke off. */
function packetsOf(property: NetworkProperty<never>, { run, testCase }: CounterexampleError): number {
  const frames = run?.frames ?? brokenOff(property, testCase as never);
  return frames.filter(({ direction }) => direction === 'out').length;
}

function brokenOff(property: NetworkProperty<never>, testCase: never) {
  const { scenario } = assemble(property, testCase);
  let frames: { readonly direction: 'in' | 'out' }[] = [];
  try {
    runScenario(scenario, {
      maxEvents: 200_000,
      prepare: (run) => {
        ({ frames } = run.recorder);
      },
      invariants: property.invariants ?? [],
    });
  } catch {} // it is known to break off: how far it came is the question
  return frames;
}

/** Random programs of one host and its peer, on the machine and on the specification. */
function inPrograms(families: readonly IpFamily[]): Found | null {
  const holds = fc.property(programs({ families }), (operations) => disagreement(operations) === null);
  const { failed, counterexample } = fc.check(holds, { numRuns: PROGRAMS, seed: SEED });
  if (!failed || counterexample === null) return null;
  const [operations] = counterexample;
  const packets = operations.reduce((sum, [name]) => sum + (PACKETS[name] ?? 0), 0);
  const what = disagreement(operations)?.split('\n')[0] ?? '';
  return { property: 'machine and specification agree on every program', hosts: 1, packets, what };
}

/** How many packets an operation puts on the wire of the host, or takes from it. */
const PACKETS: Readonly<Record<string, number>> = {
  udp: 1,
  hs: 3,
  syn: 1,
  pdata: 1,
  pfin: 1,
  prst: 1,
  seg: 1,
  icmp: 1,
  send: 1,
  sendto: 1,
  connect: 1,
};

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}

process.stdout.write(`${JSON.stringify(await hunt(process.argv[2] ?? ''))}\n`);
process.exit(0);
