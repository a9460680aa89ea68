/**
 * Where the frames of one interface come in. A packet that goes the way of the one before it, straight through a
 * router, is passed on from here: in a large network every object that is looked at costs a cache miss, and this
 * way looks at the fewest. Everything else goes to the stack.
 */
import type { FrameHandler, NetDevice } from '../link/device.ts';
import type { EthernetFrame } from '../link/frame.ts';
import { NEVER } from '../sim/time.ts';
import type { Interface } from './interface.ts';
import { Ipv4Packet } from './ipv4.ts';
import { forwardPlainly } from './ipv4-forward.ts';
import type { Ipv4Route } from './ipv4-route.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import { Ipv6Packet } from './ipv6.ts';
import { forwardIpv6Plainly } from './ipv6-forward.ts';
import type { Ipv6Route } from './ipv6-route.ts';
import type { CachedRoute, RouteCache } from './route-cache.ts';

export class InterfacePort implements FrameHandler {
  readonly #tables: Ipv4Tables;
  readonly #iface: Interface;
  readonly #stack: FrameHandler;
  /** The way of the last packet, when it was forwarded and the route holds until the tables change. */
  #route: Ipv4Route | null = null;
  #route6: Ipv6Route | null = null;

  constructor(tables: Ipv4Tables, iface: Interface, stack: FrameHandler) {
    this.#tables = tables;
    this.#iface = iface;
    this.#stack = stack;
  }

  onFrame(device: NetDevice, frame: EthernetFrame): void {
    const route = this.#route;
    const { payload } = frame;
    if (
      route !== null &&
      payload instanceof Ipv4Packet &&
      payload.dst === route.dst &&
      payload.src === route.src &&
      payload.options === null &&
      frame.dst === device.mac &&
      frame.tci < 0 &&
      route.version === this.#tables.version &&
      forwardPlainly(payload, route)
    )
      return;
    const route6 = this.#route6;
    if (
      route6 !== null &&
      payload instanceof Ipv6Packet &&
      payload.dst === route6.dst &&
      payload.src === route6.src &&
      payload.extensions === null &&
      frame.dst === device.mac &&
      frame.tci < 0 &&
      route6.version === this.#iface.v6!.tables.version &&
      forwardIpv6Plainly(payload, route6)
    )
      return;
    this.#stack.onFrame(device, frame);
    this.#route = lastWay(this.#iface.inputRoutes);
    const { v6 } = this.#iface;
    if (v6 !== null) this.#route6 = lastWay(v6.inputRoutes);
  }

  onLinkChange(device: NetDevice): void {
    this.#stack.onLinkChange?.(device);
  }
}

/** The route of the last packet, if packets of its kind are passed on for as long as the tables stay as they are. */
function lastWay<R extends CachedRoute & { readonly kind: string }>({ last }: RouteCache<R>): R | null {
  return last !== null && last.kind === 'unicast' && last.expires === NEVER ? last : null;
}
