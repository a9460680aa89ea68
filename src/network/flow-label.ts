/**
 * The flow labels of packets that this node makes (RFC 6437; `net.ipv6.auto_flowlabels`): a keyed hash, the same for all
 * packets of one flow, so that a router can choose between equal paths without a look at ports. What discovers
 * neighbours, routers and listeners has none.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import type { RandomStream } from '../sim/random.ts';

const LABEL_MASK = 0xfffff;

export class FlowLabels {
  readonly #key: number;

  /** @param secret one number is drawn from it: two nodes label alike flows differently, the same seed labels alike */
  constructor(secret: RandomStream) {
    this.#key = secret.u32();
  }

  /** @param flow tells the flows between two addresses apart, as `SendOptions.flow` @returns 20 bits */
  of(src: IpAddress, dst: IpAddress, protocol: number, flow: number): number {
    let h = mixAddress(mixAddress(this.#key, src), dst);
    h = mixWord(mixWord(h, protocol), flow);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) & LABEL_MASK;
  }
}

/** The flow of a socket's own: it does not tell its ports, and changes with `choice`. */
export function flowOfSocket(id: number, choice: number): number {
  return mixWord(mixWord(0, id), choice);
}

/** The flow between two ports, whoever sends it. */
export function flowOfPorts(srcPort: number, dstPort: number): number {
  return (srcPort << 16) | dstPort;
}

function mixAddress(hash: number, address: IpAddress): number {
  return mixWord(mixWord(mixWord(mixWord(hash, address.w0), address.w1), address.w2), address.w3);
}

function mixWord(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x9e3779b1);
  return h ^ (h >>> 15);
}
