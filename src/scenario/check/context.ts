/** What the checks of references share: the scenario, the names in it (those of faulty entries too), and the findings. */
import { ANY_V4, type IpAddress, type IpFamily } from '../../packet/ip-address.ts';
import { hasZone } from '../../packet/zoned-address.ts';
import { nearest } from '../../sim/nearest.ts';
import type { Plain } from '../document/located.ts';
import type { NamedHost } from '../schema/endpoint.ts';
import type { LinkEnd } from '../schema/links.ts';
import { formatEnd } from '../schema/links.ts';
import type { HostSpec, RouterSpec, Scenario } from '../schema/scenario.ts';

export type Path = readonly (string | number)[];

/** A problem before its place in a file is known. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly suggestion?: string | undefined;
  /** The place is the key, not the value. */
  readonly atKey?: boolean;
  /** The word within the value that is meant. */
  readonly word?: string;
}

export const NODE_SECTIONS = ['hosts', 'routers', 'switches', 'hubs'] as const;
type NamedSection = (typeof NODE_SECTIONS)[number] | 'links' | 'programs';

export class CheckContext {
  readonly scenario: Scenario;
  readonly findings: Finding[] = [];
  readonly #data: Readonly<Record<string, Plain>>;

  /** @param data the scenario as written: also what the schema refused */
  constructor(scenario: Scenario, data: Readonly<Record<string, Plain>>) {
    this.scenario = scenario;
    this.#data = data;
  }

  report(path: Path, message: string, expected?: string, suggestion?: string | null): void {
    this.findings.push({ path, message, expected, suggestion: suggestion ?? undefined });
  }

  /** The names in a section as they are written. */
  names(section: NamedSection): readonly string[] {
    const content = this.#data[section];
    return content !== null && typeof content === 'object' && !Array.isArray(content)
      ? Object.keys(content)
      : [];
  }

  /** A reference to something that must exist in one of `sections`. @returns whether it does */
  refer(path: Path, what: string, name: string, sections: readonly NamedSection[]): boolean {
    const known = [...new Set(sections.flatMap((section) => this.names(section)))];
    if (known.includes(name)) return true;
    const elsewhere = ([...NODE_SECTIONS, 'links', 'programs'] as const).find((section) =>
      this.names(section).includes(name),
    );
    const message =
      elsewhere === undefined
        ? `there is no ${what} '${name}'`
        : `'${name}' is not a ${what}: it is one of the ${elsewhere}`;
    const suggestion = elsewhere === undefined ? nearestWord(name, known) : undefined;
    this.findings.push({ path, message, expected: listed(known), suggestion, word: name });
    return false;
  }

  /** A host or router by name, when it is without faults. */
  ipNode(name: string): HostSpec | RouterSpec | undefined {
    return own(this.scenario.hosts, name) ?? own(this.scenario.routers, name);
  }

  /** An interface of a host or router: `client.eth0`. @returns its name, or null when it was reported or unknowable */
  watchPoint(path: Path, end: LinkEnd): string | null {
    if (!this.refer(path, 'host or router', end.node, ['hosts', 'routers'])) return null;
    const node = this.ipNode(end.node);
    if (node === undefined) return null;
    return this.interfaceOf(path, end, portNames(node));
  }

  /** The interface that an end names, or the only one there is. */
  interfaceOf(path: Path, end: LinkEnd, known: readonly string[]): string | null {
    if (end.device === null) {
      if (known.length === 1) return known[0]!;
      const expected = known.map((device) => formatEnd({ node: end.node, device }));
      const message =
        known.length === 0 ? `'${end.node}' has no interface` : `which interface of '${end.node}'?`;
      this.report(path, message, known.length === 0 ? undefined : listed(expected));
      return null;
    }
    if (known.includes(end.device)) return end.device;
    const port = end.device.replace(/\.\d+$/, '');
    if (port !== end.device && known.includes(port)) {
      const expected = `${end.node}.${port}, where its frames pass with their tag`;
      this.report(path, `${end.node}.${end.device} is a VLAN over ${port}`, expected);
      return null;
    }
    this.report(
      path,
      `'${end.node}' has no interface '${end.device}'`,
      listed(known),
      nearestWord(end.device, known),
    );
    return null;
  }

  /** The address that an endpoint or a filter names, of the family if it has one; null when it was reported or is unknowable. */
  address(path: Path, { host, address }: NamedHost, family: IpFamily | null = null): IpAddress | null {
    if (address !== null) return address;
    if (host === null) return ANY_V4;
    if (!this.refer(path, 'host', host, ['hosts', 'routers'])) return null;
    const node = this.ipNode(host);
    if (node === undefined) return null;
    const all = addressesOf(node);
    const first = all.find((one) => one.family === family) ?? all[0];
    if (first === undefined) this.report(path, `'${host}' has no address`);
    return first ?? null;
  }

  /**
   * The interface of `node` that an address is said to be on must exist; a link-local one must say which it is on.
   * @param mayLack the socket may be bound to an interface, or the refusal is the lesson
   */
  zone(
    path: Path,
    { address, zone }: NamedHost,
    name: string,
    node: HostSpec | RouterSpec,
    mayLack: boolean,
  ): void {
    const known = ['lo', ...Object.keys(node.interfaces)];
    if (zone !== null && !known.includes(zone))
      this.report(path, `'${name}' has no interface '${zone}'`, listed(known), nearestWord(zone, known));
    if (zone !== null || address === null || mayLack || !hasZone(address) || address.isMulticast) return;
    const example = Object.keys(node.interfaces)[0] ?? 'eth0';
    this.report(
      path,
      `${address} may be on any link of '${name}'`,
      `the interface, as in ${address}%${example}`,
    );
  }

  /** A time that must lie within the run. */
  within(path: Path, time: number | null): void {
    const { until } = this.scenario;
    if (time !== null && time > until) this.report(path, 'this is after the end of the run', UNTIL_WORDS);
  }
}

const UNTIL_WORDS = 'a time not after until: (default 60s)';

/** The interfaces that cables go into: those that are no VLANs over others. */
export function portNames(node: HostSpec | RouterSpec): string[] {
  return Object.keys(node.interfaces).filter((name) => !name.includes('.'));
}

/** All addresses of a node, in the order of declaration: the first is meant when only its name is given. */
export function addressesOf(node: HostSpec | RouterSpec): IpAddress[] {
  return Object.values(node.interfaces).flatMap(({ addresses }) => addresses.map(({ address }) => address));
}

/** An own property of a map with keys that users choose. */
export function own<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** One letter is near to every other: no help. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  return word.length > 1 ? (nearest(word, known) ?? undefined) : undefined;
}

function listed(words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const shown = words.slice(0, 12).join(', ');
  return words.length > 12 ? `${shown}, … (${words.length} in all)` : shown;
}
