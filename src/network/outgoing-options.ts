/** IP_OPTIONS of a socket (ip(7)) made into the options of a packet: the first hop of a source route becomes the destination. */
import { ANY_V4, IpAddress } from '../packet/ip-address.ts';
import { EINVAL } from './errno.ts';
import { type OptionsNode, ParsedOptions } from './ipv4-options.ts';

/** Nobody's address yet: the slots are filled when the packet has a source. */
const NOBODY: OptionsNode = {
  ownAddress: () => ANY_V4,
  isForeignUnicast: () => false,
  timestamp: () => 0,
};

/** @returns options ready to be completed with source and destination, or -EINVAL */
export function outgoingOptions(bytes: Uint8Array): ParsedOptions | number {
  const options = new ParsedOptions(bytes.slice());
  if (options.compile(NOBODY) >= 0) return -EINVAL;
  const at = options.sourceRoute;
  if (at < 0) return options;
  const length = options.bytes[at + 1]!;
  if (options.bytes[at + 2] !== 4 || length < 7 || (length & 3) !== 3) return -EINVAL;
  options.firstHop = IpAddress.readV4(options.bytes, at + 3);
  options.bytes.copyWithin(at + 3, at + 7, at + length);
  return options;
}
