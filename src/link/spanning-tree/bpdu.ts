/**
 * Rapid spanning tree BPDUs (IEEE 802.1D-2004 9.3.3) behind their LLC header (IEEE 802.2: DSAP and SSAP 0x42,
 * unnumbered information). Configuration and topology change BPDUs of bridges before 2004 are not understood.
 */
import { readU16, readU32, writeU16, writeU32 } from '../../packet/bytes.ts';
import { MacAddress } from '../../packet/mac-address.ts';
import type { Payload } from '../../packet/payload.ts';
import type { Pdu } from '../../packet/pdu.ts';
import { DecodeError } from '../../sim/errors.ts';
import { SECOND } from '../../sim/time.ts';
import type { BridgeId, PriorityVector, TreeTimes } from './priority-vector.ts';

/** The role of the sending port as a BPDU tells it; a backup port says `alternate`. */
export type BpduRole = 'unknown' | 'alternate' | 'root' | 'designated';

export interface BpduFlags {
  readonly topologyChange: boolean;
  readonly proposal: boolean;
  readonly role: BpduRole;
  readonly learning: boolean;
  readonly forwarding: boolean;
  readonly agreement: boolean;
}

const LLC_SIZE = 3;
const BPDU_SIZE = 36;
const LLC_SPANNING_TREE = 0x42;
const LLC_UNNUMBERED_INFORMATION = 0x03;
const VERSION = 2;
const TYPE = 2;
/** Times are carried in units of 1/256 s. */
const TIME_UNIT = SECOND / 256;
const ROLES: readonly BpduRole[] = ['unknown', 'alternate', 'root', 'designated'];

export class Bpdu implements Pdu {
  readonly flags: BpduFlags;
  readonly vector: PriorityVector;
  readonly times: TreeTimes;
  readonly size = LLC_SIZE + BPDU_SIZE;

  constructor(flags: BpduFlags, vector: PriorityVector, times: TreeTimes) {
    this.flags = flags;
    this.vector = vector;
    this.times = times;
  }

  /** @throws DecodeError when the bytes are no rapid spanning tree BPDU; bytes behind it are padding */
  static parse(payload: Payload): Bpdu {
    const bytes = payload.view();
    if (bytes.length < LLC_SIZE + BPDU_SIZE) throw new DecodeError('short-bpdu');
    if (
      bytes[0] !== LLC_SPANNING_TREE ||
      bytes[1] !== LLC_SPANNING_TREE ||
      bytes[2] !== LLC_UNNUMBERED_INFORMATION ||
      readU16(bytes, LLC_SIZE) !== 0
    )
      throw new DecodeError('not-a-bpdu');
    if (bytes[5]! < VERSION || bytes[6] !== TYPE) throw new DecodeError('old-bpdu');
    const flags = bytes[7]!;
    return new Bpdu(
      {
        topologyChange: (flags & 0x01) !== 0,
        proposal: (flags & 0x02) !== 0,
        role: ROLES[(flags >>> 2) & 3]!,
        learning: (flags & 0x10) !== 0,
        forwarding: (flags & 0x20) !== 0,
        agreement: (flags & 0x40) !== 0,
      },
      {
        root: readBridge(bytes, 8),
        cost: readU32(bytes, 16),
        bridge: readBridge(bytes, 20),
        bridgePort: readU16(bytes, 28),
      },
      {
        messageAge: readU16(bytes, 30) * TIME_UNIT,
        maxAge: readU16(bytes, 32) * TIME_UNIT,
        helloTime: readU16(bytes, 34) * TIME_UNIT,
        forwardDelay: readU16(bytes, 36) * TIME_UNIT,
      },
    );
  }

  emit(bytes: Uint8Array, at: number): number {
    const { flags, vector, times } = this;
    bytes[at] = LLC_SPANNING_TREE;
    bytes[at + 1] = LLC_SPANNING_TREE;
    bytes[at + 2] = LLC_UNNUMBERED_INFORMATION;
    writeU16(bytes, at + 3, 0);
    bytes[at + 5] = VERSION;
    bytes[at + 6] = TYPE;
    bytes[at + 7] =
      Number(flags.topologyChange) |
      (Number(flags.proposal) << 1) |
      (ROLES.indexOf(flags.role) << 2) |
      (Number(flags.learning) << 4) |
      (Number(flags.forwarding) << 5) |
      (Number(flags.agreement) << 6);
    writeBridge(vector.root, bytes, at + 8);
    writeU32(bytes, at + 16, vector.cost);
    writeBridge(vector.bridge, bytes, at + 20);
    writeU16(bytes, at + 28, vector.bridgePort);
    writeU16(bytes, at + 30, times.messageAge / TIME_UNIT);
    writeU16(bytes, at + 32, times.maxAge / TIME_UNIT);
    writeU16(bytes, at + 34, times.helloTime / TIME_UNIT);
    writeU16(bytes, at + 36, times.forwardDelay / TIME_UNIT);
    bytes[at + 38] = 0; // no version 1 information
    return at + this.size;
  }

  format(): string {
    const { root, cost, bridge, bridgePort } = this.vector;
    const port = bridgePort.toString(16);
    return `RSTP ${this.flags.role}, root ${formatBridge(root)} cost ${cost}, bridge ${formatBridge(bridge)} port ${port}`;
  }
}

/** `8000.02:00:00:00:00:01` */
export function formatBridge(id: BridgeId): string {
  return `${id.priority.toString(16).padStart(4, '0')}.${id.mac}`;
}

function readBridge(bytes: Uint8Array, at: number): BridgeId {
  return { priority: readU16(bytes, at), mac: MacAddress.read(bytes, at + 2) };
}

function writeBridge(id: BridgeId, bytes: Uint8Array, at: number): void {
  writeU16(bytes, at, id.priority);
  id.mac.write(bytes, at + 2);
}
