/**
 * Redirects that arrive (RFC 1122 3.2.2.2, with Linux's conditions): only from the present gateway, only to a neighbour
 * whose MAC is known; one that is not known yet is only asked for. `accept_redirects`, `secure_redirects`, `shared_media`.
 */
import { ANY_V4, IpAddress } from '../packet/ip-address.ts';
import type { Interface } from './interface.ts';
import { routeOutput, UNCONSTRAINED } from './ipv4-route-output.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import { NUD_VALID } from './neighbour.ts';
import type { NeighbourTable } from './neighbour-table.ts';
import type { IcmpErrorReport } from './ports.ts';
import { redirectTo } from './route-exceptions.ts';

/** Codes 0-3: for a network or a host, with TOS or without; all are taken for the host alone. */
const HIGHEST_CODE = 3;

export class Redirects {
  readonly #tables: Ipv4Tables;
  readonly #neighbours: NeighbourTable;

  constructor(tables: Ipv4Tables, neighbours: NeighbourTable) {
    this.#tables = tables;
    this.#neighbours = neighbours;
  }

  /** @param report about a packet that this node sent */
  accept(report: IcmpErrorReport, inbound: Interface): void {
    const tables = this.#tables;
    const gateway = IpAddress.v4(report.info);
    const route = routeOutput(tables, report.dst, report.src, UNCONSTRAINED);
    if (typeof route === 'number' || report.code > HIGHEST_CODE) return;
    if (!route.usesGateway || route.nextHop !== report.from || route.fib === null) return;
    if (!this.#isAcceptable(gateway, report.from, inbound)) {
      tables.drops.drop('icmp.redirect-refused', null);
      return;
    }
    const neighbour = this.#neighbours.findOrCreate(gateway, route.iface);
    if (neighbour === null) return;
    if ((neighbour.state & NUD_VALID) === 0) this.#neighbours.resolve(neighbour);
    else redirectTo(tables, route.fib, report.dst, gateway);
  }

  #isAcceptable(gateway: IpAddress, from: IpAddress, inbound: Interface): boolean {
    const tables = this.#tables;
    const { config } = inbound;
    if (gateway === from || !config.acceptRedirects) return false;
    if (gateway.isMulticast || gateway.isLimitedBroadcast || gateway === ANY_V4) return false;
    if (config.sharedMedia) return tables.typeOf(gateway) === 'unicast';
    if (!tables.isOnLink(inbound, gateway, from)) return false;
    return !config.secureRedirects || this.#isKnownGateway(gateway, inbound);
  }

  /** Secure redirects lead only to gateways that some route names already. */
  #isKnownGateway(gateway: IpAddress, inbound: Interface): boolean {
    const routes = this.#tables.fib.main.all();
    return routes.some((route) => route.gateway === gateway && route.iface === inbound);
  }
}
