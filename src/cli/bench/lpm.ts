/**
 * Longest prefix match alone: so many routes, half of them of the commonest length, the rest of all lengths around it,
 * and a default route. Destinations lie under routes; nothing is cached. What a lookup costs with 128 bits should be
 * at most twice what it costs with 32.
 */
import { Fib, type FibRoute } from '../../network/fib.ts';
import { Ipv6Fib, type Ipv6FibRoute } from '../../network/ipv6-fib.ts';
import { IpAddress, type IpFamily } from '../../packet/ip-address.ts';
import { networkOf, type Prefix } from '../../packet/prefix.ts';
import { invariant } from '../../sim/errors.ts';
import { type RandomStream, RandomStreams } from '../../sim/random.ts';
import { NEVER } from '../../sim/time.ts';
import { costOf, rounded } from './measure.ts';

export interface LpmOptions {
  readonly family?: IpFamily;
  readonly routes?: number;
  readonly lookups?: number;
}

export interface LpmResult {
  readonly workload: 'lpm';
  readonly family: IpFamily;
  readonly routes: number;
  readonly lookups: number;
  readonly cpuSeconds: number;
  readonly nsPerLookup: number;
}

const DESTINATIONS = 4096;
const LOOKUPS = 4_000_000;
/** Lengths as in tables of the Internet: most routes are /24 or /48, none is longer. */
const COMMONEST = { 4: 24, 6: 48 } as const;
const SPREAD = 12;

export function lpm(options: LpmOptions = {}): LpmResult {
  const { family = 4, routes = 1000, lookups = LOOKUPS } = options;
  const random = new RandomStreams(1).stream('lpm');
  const prefixes = Array.from({ length: routes }, () => networkOf(randomPrefix(random, family)));
  const destinations = Array.from({ length: DESTINATIONS }, (_, i) =>
    addressUnder(random, prefixes[i % routes]!),
  );
  const find = family === 6 ? finder6(prefixes) : finder4(prefixes);
  const run = (count: number): number => {
    let found = 0;
    for (let i = 0; i < count; i++) if (find(destinations[i % DESTINATIONS]!)) found++;
    return found;
  };
  run(lookups >> 2); // so that compilation is not measured
  let found = 0;
  const { cpuSeconds } = costOf(() => {
    found = run(lookups);
  });
  invariant(found === lookups, 'every destination lies under a route');
  return {
    workload: 'lpm',
    family,
    routes,
    lookups,
    cpuSeconds,
    nsPerLookup: rounded((cpuSeconds / lookups) * 1e9),
  };
}

function finder4(prefixes: readonly Prefix[]): (dst: IpAddress) => boolean {
  const fib = new Fib();
  for (const { address, length } of prefixes)
    fib.main.insert({ ...ROUTE_V4, network: address.w3, length }, true);
  return (dst) => typeof fib.lookup(dst.w3, 0, null) === 'object';
}

function finder6(prefixes: readonly Prefix[]): (dst: IpAddress) => boolean {
  const fib = new Ipv6Fib();
  for (const { address, length } of prefixes)
    fib.insert({ ...ROUTE_V6, network: address, length, pathMtus: new Map() });
  return (dst) => typeof fib.lookup(dst, false, null, 0) === 'object';
}

const ROUTE_V4: Omit<FibRoute, 'network' | 'length'> = {
  type: 'unicast',
  scope: 0,
  gateway: null,
  iface: null,
  preferredSource: null,
  metric: 0,
  mtu: 0,
  metrics: null,
  isKernels: false,
  exceptions: new Map(),
};

const ROUTE_V6: Omit<Ipv6FibRoute, 'network' | 'length' | 'pathMtus'> = {
  type: 'unicast',
  gateway: null,
  iface: null,
  preferredSource: null,
  metric: 0,
  mtu: 0,
  metrics: null,
  origin: 'static',
  expires: NEVER,
};

function randomPrefix(random: RandomStream, family: IpFamily): Prefix {
  const most = COMMONEST[family];
  const length = random.int(0, 1) === 0 ? most : random.int(most - SPREAD, most);
  return { address: randomAddress(random, family), length };
}

function randomAddress(random: RandomStream, family: IpFamily): IpAddress {
  const word = () => random.int(0, 0xffffffff);
  return family === 4 ? IpAddress.v4(word()) : IpAddress.v6(word(), word(), word(), word());
}

/** Host bits of their own. */
function addressUnder(random: RandomStream, { address, length }: Prefix): IpAddress {
  const other = randomAddress(random, address.family);
  if (address.family === 4) return IpAddress.v4((address.w3 | (other.w3 & (0xffffffff >>> length))) >>> 0);
  const low = other.w1 & (0xffffffff >>> Math.max(0, length - 32));
  return IpAddress.v6(address.w0, (address.w1 | low) >>> 0, other.w2, other.w3);
}
