/**
 * Where the frames of one interface come in. A packet that goes the way of the one before it, straight through a
 * router, is passed on from here: in a large network every object that is looked at costs a cache miss, and this
 * way looks at the fewest. Everything else goes to the stack.
 */
import type { FrameHandler, NetDevice } from '../link/device.ts';
import type { EthernetFrame } from '../link/frame.ts';
import { NEVER } from '../sim/time.ts';
import { Ipv4Packet } from './ipv4.ts';
import { forwardPlainly } from './ipv4-forward.ts';
import type { Ipv4Route } from './ipv4-route.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import type { RouteCache } from './route-cache.ts';

export class InterfacePort implements FrameHandler {
  readonly #tables: Ipv4Tables;
  /** Routes of arriving packets. */
  readonly #routes: RouteCache<Ipv4Route>;
  readonly #stack: FrameHandler;
  /** The way of the last packet, when it was forwarded and the route holds until the tables change. */
  #route: Ipv4Route | null = null;

  constructor(tables: Ipv4Tables, routes: RouteCache<Ipv4Route>, stack: FrameHandler) {
    this.#tables = tables;
    this.#routes = routes;
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
    this.#stack.onFrame(device, frame);
    const { last } = this.#routes;
    this.#route = last !== null && last.kind === 'unicast' && last.expires === NEVER ? last : null;
  }

  onLinkChange(device: NetDevice): void {
    this.#stack.onLinkChange?.(device);
  }
}
