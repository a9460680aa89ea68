/**
 * What the spanning tree knows about one port: the per-port variables and timers of IEEE 802.1D-2004 17.17 and
 * 17.19, by their names in the standard. A timer is the instant at which it reaches zero.
 */
import { type Nanos, SECOND } from '../../sim/time.ts';
import type { SwitchPort } from '../switch/switch-port.ts';
import type { Bpdu } from './bpdu.ts';
import type { PriorityVector, TreeTimes } from './priority-vector.ts';

/** How long the protocol waits for other bridges to show themselves (table 17-1). */
export const MIGRATE_TIME: Nanos = 3 * SECOND;

export type PortRole = 'disabled' | 'root' | 'designated' | 'alternate' | 'backup';

/** Where the port's information comes from: it has none, its own is out of date, from this bridge, from a message. */
export type InfoIs = 'disabled' | 'aged' | 'mine' | 'received';

/** Where the topology change machine of the port is (17.31). */
export type TopologyChangeState = 'inactive' | 'learning' | 'active';

export class TreePort {
  readonly port: SwitchPort;
  /** Priority and number: the port's identifier. */
  readonly portId: number;
  /** Configured to lead to hosts only: it forwards at once (AdminEdge). */
  readonly adminEdge: boolean;

  portEnabled = false;
  operEdge = false;
  portPathCost = 0;
  isPointToPoint = true;

  role: PortRole = 'disabled';
  selectedRole: PortRole = 'disabled';
  infoIs: InfoIs = 'disabled';
  selected = false;
  reselect = true;
  updtInfo = false;
  newInfo = false;

  portPriority: PriorityVector;
  portTimes: TreeTimes;
  designatedPriority: PriorityVector;
  designatedTimes: TreeTimes;
  /** The message that waits to be looked at. */
  rcvdMsg: Bpdu | null = null;

  agree = false;
  agreed = false;
  proposed = false;
  proposing = false;
  disputed = false;
  sync = true;
  synced = false;
  reRoot = true;
  learn = false;
  forward = false;

  topologyChange: TopologyChangeState = 'inactive';
  rcvdTc = false;
  tcProp = false;

  /** Messages sent within the last seconds. */
  txCount = 0;
  /** When {@link txCount} is next reduced by one. */
  txRelief: Nanos = 0;

  edgeDelayWhile: Nanos = 0;
  fdWhile: Nanos = 0;
  helloWhen: Nanos = 0;
  rbWhile: Nanos = 0;
  rcvdInfoWhile: Nanos = 0;
  rrWhile: Nanos = 0;
  tcWhile: Nanos = 0;

  constructor(
    port: SwitchPort,
    portId: number,
    adminEdge: boolean,
    vector: PriorityVector,
    times: TreeTimes,
  ) {
    this.port = port;
    this.portId = portId;
    this.adminEdge = adminEdge;
    this.portPriority = vector;
    this.portTimes = times;
    this.designatedPriority = vector;
    this.designatedTimes = times;
  }

  /** The instants at which something may happen by itself. */
  deadlines(): Nanos[] {
    return [
      this.edgeDelayWhile,
      this.fdWhile,
      this.helloWhen,
      this.rbWhile,
      this.rcvdInfoWhile,
      this.rrWhile,
      this.tcWhile,
      this.txCount > 0 ? this.txRelief : 0,
    ];
  }
}
