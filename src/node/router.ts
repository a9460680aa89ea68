/** A router, composed: a host that forwards, with a stack of its own for its own addresses only. */
import type { MacAddress } from '../packet/mac-address.ts';
import type { RandomStreams } from '../sim/random.ts';
import type { Simulator } from '../sim/simulator.ts';
import { Host } from './host.ts';
import type { RouterOptions } from './options.ts';

export function newRouter(
  simulator: Simulator,
  random: RandomStreams,
  name: string,
  options: RouterOptions,
  nextMac: () => MacAddress,
): Host {
  const sysctls = { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1, ...options.sysctls };
  return new Host(simulator, random, name, 'router', { ...options, sysctls }, nextMac);
}
