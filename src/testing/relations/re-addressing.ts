/**
 * Other unicast addresses, by flipping bits of the network part: addresses that shared a prefix still do, and as long a
 * one, so that routing and the choice of source addresses (RFC 6724) stay the same.
 */
import { IpAddress } from '../../packet/ip-address.ts';
import type { Scenario } from '../../scenario/schema/scenario.ts';
import { autoconfigurationIn, functionIn, groupsIn } from './applies.ts';
import { inText } from './outcome.ts';
import type { Relation } from './relation.ts';
import { rewrite } from './rewrite.ts';

export const RE_ADDRESSING: Relation = {
  name: 're-addressing',
  says: 'addresses only have to differ: with others in the same order the same happens at the same times',
  agree: ['fingerprint', 'packets', 'delivered', 'programs', 'verdicts'],
  exception: (scenario) =>
    groupsIn(scenario) ?? autoconfigurationIn(scenario) ?? functionIn(scenario) ?? reservedIn(scenario),
  variant: (scenario) => ({
    scenario: rewrite(scenario, (value, path) => {
      if (value instanceof IpAddress) return flipped(value);
      return typeof value === 'string' && path[0] === 'expect' ? inText(value, flipped) : value;
    }),
    addressBack: flipped,
  }),
};

/** 10 becomes 11 and 192 193; an involution. The bit is above the host part of any prefix that is not absurdly short. */
const FLIP_V4 = 0x01000000;
/** 2001: becomes 2000:, fd00: becomes fd01:. */
const FLIP_V6 = 0x00010000;

function flipped(address: IpAddress): IpAddress {
  const { family, isV4Mapped, w0, w1, w2, w3 } = address;
  // ::ffff:10.0.0.2 is how AF_INET6 sockets write 10.0.0.2: the two stay one.
  if (family === 4 || isV4Mapped) {
    if (!isOrdinaryV4(w3)) return address;
    const other = (w3 ^ FLIP_V4) >>> 0;
    return family === 4 ? IpAddress.v4(other) : IpAddress.v6(w0, w1, w2, other);
  }
  return isOrdinaryV6(address) ? IpAddress.v6((w0 ^ FLIP_V6) >>> 0, w1, w2, w3) : address;
}

/** Unicast, and without a meaning of its own. */
function isOrdinaryV4(address: number): boolean {
  const first = address >>> 24;
  return first >= 2 && first !== 126 && first !== 127 && first < 224;
}

function isOrdinaryV6({ isUnspecified, isLoopback, isMulticast, isLinkLocal }: IpAddress): boolean {
  return !isUnspecified && !isLoopback && !isMulticast && !isLinkLocal;
}

/** Prefixes so short that the flipped bit is in their host part, and the neighbours of loopback. */
function reservedIn(scenario: Scenario): string | null {
  let reason: string | null = null;
  rewrite(scenario, (value) => {
    if (value instanceof IpAddress && value.family === 4 && [1, 126].includes(value.w3 >>> 24))
      reason = `${value} would become a reserved address`;
    return value;
  });
  return reason;
}
