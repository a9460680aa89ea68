/** Looks up what a scenario calls by name: the addresses of hosts, and the free ports of switches. */
import type { IpAddress } from '../../packet/ip-address.ts';
import { invariant } from '../../sim/errors.ts';
import type { Endpoint } from '../../sockets/api.ts';
import { firstAddress, own, portNames } from '../check/context.ts';
import { type FrameMatcher, matcherOf } from '../filter/match.ts';
import type { Filter } from '../filter/syntax.ts';
import type { NamedEndpoint } from '../schema/endpoint.ts';
import type { LinkEnd } from '../schema/links.ts';
import type { NamedAddress } from '../schema/programs.ts';
import type { HostSpec, RouterSpec, Scenario } from '../schema/scenario.ts';
import { Ends } from './ends.ts';

export class Directory {
  readonly ends: Ends;
  readonly #scenario: Scenario;

  /** @param scenario whose references have been checked: every name is known */
  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.ends = new Ends(scenario, this);
  }

  /** The address by which a host is meant when it is named. */
  address({ host, address }: NamedAddress): IpAddress {
    if (address !== null) return address;
    const first = firstAddress(this.node(host ?? ''));
    invariant(first !== null, `host '${host}' was checked to have an address`);
    return first;
  }

  endpoint(named: NamedEndpoint): Endpoint {
    return { address: this.address(named), port: named.port };
  }

  /** A filter as a function. */
  matcher(filter: Filter | null): FrameMatcher {
    return matcherOf(filter, (host) => this.addresses(host));
  }

  /** All addresses of a host, in the order of declaration. */
  addresses(host: string): readonly IpAddress[] {
    return Object.values(this.node(host).interfaces).flatMap(({ addresses }) =>
      addresses.map(({ address }) => address),
    );
  }

  /** The name of the interface that an end means: the one it names, or the only one. */
  deviceOf({ node, device }: LinkEnd): string {
    if (device !== null) return device;
    const [only] = portNames(this.node(node));
    invariant(only !== undefined, `'${node}' was checked to have one interface`);
    return only;
  }

  /** `client.eth0` */
  interfaceName(end: LinkEnd): string {
    return `${end.node}.${this.deviceOf(end)}`;
  }

  node(name: string): HostSpec | RouterSpec {
    const node = own(this.#scenario.hosts, name) ?? own(this.#scenario.routers, name);
    invariant(node !== undefined, `'${name}' was checked to be a host or router`);
    return node;
  }
}
