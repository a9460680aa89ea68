/** Looks up what a scenario calls by name: the addresses of hosts, and the free ports of switches. */
import { ANY_V4, ANY_V6, type IpAddress, type IpFamily } from '../../packet/ip-address.ts';
import { invariant } from '../../sim/errors.ts';
import type { Endpoint } from '../../sockets/api.ts';
import { addressesOf, own, portNames } from '../check/context.ts';
import { type FrameMatcher, matcherOf } from '../filter/match.ts';
import type { Filter } from '../filter/syntax.ts';
import type { NamedEndpoint, NamedHost } from '../schema/endpoint.ts';
import type { LinkEnd } from '../schema/links.ts';
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

  /**
   * The address by which a host is meant when it is named: its first one, of the family of the socket if there is one;
   * an AF_INET6 socket gets that of an IPv4 host mapped, as from getaddrinfo(3) with AI_V4MAPPED.
   * @param family of the socket that is to use it; null = either will do
   */
  address({ host, address }: NamedHost, family: IpFamily | null = null): IpAddress {
    if (address !== null) return address;
    if (host === null) return family === 6 ? ANY_V6 : ANY_V4;
    const all = this.addresses(host);
    const own = family === null ? undefined : all.find((one) => one.family === family);
    const first = own ?? all[0];
    invariant(first !== undefined, `host '${host}' was checked to have an address`);
    return family === 6 ? first.mapped() : first;
  }

  /** @param scopeOf the index of an interface of the host that uses the endpoint, by its name */
  endpoint(
    named: NamedEndpoint,
    family: IpFamily | null = null,
    scopeOf: (zone: string) => number = () => 0,
  ): Endpoint {
    const endpoint = { address: this.address(named, family), port: named.port };
    return named.zone === null ? endpoint : { ...endpoint, scopeId: scopeOf(named.zone) };
  }

  /** All addresses of a named host, in the order of declaration; or the one address that is written. */
  endpoints(named: NamedEndpoint): Endpoint[] {
    const { host, port } = named;
    if (host === null) return [this.endpoint(named)];
    return this.addresses(host).map((address) => ({ address, port }));
  }

  /** A filter as a function. */
  matcher(filter: Filter | null): FrameMatcher {
    return matcherOf(filter, (host) => this.addresses(host));
  }

  /** All addresses of a host, in the order of declaration. */
  addresses(host: string): readonly IpAddress[] {
    return addressesOf(this.node(host));
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
