/**
 * Rapid spanning tree protocol (IEEE 802.1D-2004 17) for a switch: of a network with loops it leaves a tree, and when
 * a link or a switch fails, another one within moments. It holds the state machines together, each in a file of its
 * own, runs them until nothing changes, and sends what they have to say.
 *
 * Left out: the format of bridges before 2004 (clause 17.24, protocol migration), and changes of management
 * parameters while it runs. It sends hellos for ever: a simulation with it is never idle.
 */
import { Payload } from '../../packet/payload.ts';
import type { Pdu } from '../../packet/pdu.ts';
import { ConfigError, DecodeError, invariant } from '../../sim/errors.ts';
import type { Simulator } from '../../sim/simulator.ts';
import { type Nanos, NEVER, SECOND } from '../../sim/time.ts';
import { LazyTimer } from '../../sim/timer.ts';
import { EthernetFrame } from '../frame.ts';
import type { BridgeProtocol, LearningSwitch } from '../switch/learning-switch.ts';
import { RESERVED_BRIDGE_GROUP } from '../switch/reserved-addresses.ts';
import type { PortState, SwitchPort } from '../switch/switch-port.ts';
import { Bpdu, type BpduRole } from './bpdu.ts';
import { portInformation } from './port-information.ts';
import { type BridgeId, compareBridges, type PriorityVector, type TreeTimes } from './priority-vector.ts';
import { type RootInformation, selectRoles } from './role-selection.ts';
import { roleTransitions } from './role-transitions.ts';
import { topologyChange } from './topology-change.ts';
import { MIGRATE_TIME, type PortRole, TreePort } from './tree-port.ts';

export interface SpanningTreeOptions {
  /** Bridge priority: a multiple of 4096 from 0 to 61440, the least becomes root; default 32768. */
  readonly priority?: number;
  /** Numbers of ports that lead to hosts only: they forward at once. Others find out in three seconds. */
  readonly edgePorts?: readonly number[];
}

/** Recommended values (table 17-1). */
const BRIDGE_TIMES: TreeTimes = {
  messageAge: 0,
  maxAge: 20 * SECOND,
  helloTime: 2 * SECOND,
  forwardDelay: 15 * SECOND,
};
const DEFAULT_PRIORITY = 32768;
const PORT_PRIORITY = 128;
/** At most so many messages at once, and one per second thereafter. */
const TX_HOLD_COUNT = 6;
/** Path cost times rate (table 17-3): 20,000 at 1 Gb/s. */
const COST_RATE = 20_000_000_000_000;
const MAX_PATH_COST = 200_000_000;
/** Far above what any change takes: beyond it the machines chase each other. */
const MAX_STEPS = 10_000;

export class RapidSpanningTree implements BridgeProtocol {
  readonly id: BridgeId;
  readonly ports: readonly TreePort[];
  readonly #simulator: Simulator;
  readonly #switch: LearningSwitch;
  readonly #timer: LazyTimer;
  #root: RootInformation;

  /**
   * Starts the protocol on a switch that has all its ports.
   * @throws ConfigError when the priority is not one, or there is no such edge port
   */
  constructor(simulator: Simulator, bridge: LearningSwitch, options: SpanningTreeOptions = {}) {
    const priority = options.priority ?? DEFAULT_PRIORITY;
    if (!(priority >= 0 && priority <= 61440 && priority % 4096 === 0))
      throw new ConfigError(
        `${priority} is not a bridge priority`,
        ['priority'],
        'a multiple of 4096 up to 61440',
      );
    const edges = new Set(options.edgePorts ?? []);
    for (const edge of edges)
      if (bridge.ports[edge] === undefined)
        throw new ConfigError(`${bridge.name} has no port ${edge}`, ['edgePorts']);
    const ids = bridge.ports.map(({ device }): BridgeId => ({ priority, mac: device.mac }));
    if (ids.length === 0)
      throw new ConfigError(`${bridge.name} has no ports`, ['ports'], 'at least one port');
    this.id = ids.reduce((least, id) => (compareBridges(id, least) < 0 ? id : least));
    this.#simulator = simulator;
    this.#switch = bridge;
    this.#timer = new LazyTimer(simulator, `${bridge.name} spanning tree`, () => this.#run());
    const vector: PriorityVector = { root: this.id, cost: 0, bridge: this.id, bridgePort: 0 };
    this.#root = { vector, times: BRIDGE_TIMES, rootPort: null };
    this.ports = bridge.ports.map((port) => {
      port.state = 'discarding';
      const portId = (PORT_PRIORITY << 8) | (port.number + 1);
      return new TreePort(port, portId, edges.has(port.number), vector, BRIDGE_TIMES);
    });
    bridge.bridgeProtocol = this;
    for (const p of this.ports) this.#readLink(p);
    this.#run();
  }

  /** The root bridge as this bridge knows it. */
  get root(): BridgeId {
    return this.#root.vector.root;
  }

  /** The cost of the path to it. */
  get rootPathCost(): number {
    return this.#root.vector.cost;
  }

  roleOf(port: number): PortRole {
    return this.ports[port]!.role;
  }

  onLinkChange(port: SwitchPort): void {
    this.#readLink(this.ports[port.number]!);
    this.#run();
  }

  onBpdu(port: SwitchPort, frame: EthernetFrame): void {
    const p = this.ports[port.number]!;
    if (!p.portEnabled) return;
    try {
      p.rcvdMsg = readBpdu(frame.payload);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#switch.drops.drop(`switch.${error.reason}`, frame);
      return;
    }
    p.operEdge = false; // another bridge is there
    p.edgeDelayWhile = this.#simulator.now + MIGRATE_TIME;
    this.#run();
  }

  #readLink(p: TreePort): void {
    const { device } = p.port;
    p.portEnabled = device.isUp;
    p.operEdge = p.adminEdge;
    p.isPointToPoint = device.isPointToPoint;
    p.portPathCost = Math.max(1, Math.min(MAX_PATH_COST, Math.floor(COST_RATE / device.rateBps)));
    p.helloWhen = this.#simulator.now + BRIDGE_TIMES.helloTime;
  }

  #run(): void {
    const { now } = this.#simulator;
    let steps = 0;
    while (this.#step(now))
      invariant(++steps < MAX_STEPS, `the spanning tree of ${this.#switch.name} does not settle`);
    for (const p of this.ports) {
      p.port.state = stateOf(p);
      this.#transmit(p, now);
    }
    const next = this.ports.flatMap((p) => (p.portEnabled ? p.deadlines() : [])).filter((time) => time > now);
    this.#timer.set(next.reduce((least, time) => Math.min(least, time), NEVER));
  }

  /** One step of every machine of every port. @returns whether anything changed */
  #step(now: Nanos): boolean {
    const { ports } = this;
    let changed = false;
    for (const p of ports) {
      changed = portInformation(p, now) || changed;
      // A port that has proposed and heard no bridge for a while leads to hosts (17.25, AutoEdge).
      if (p.portEnabled && p.proposing && !p.operEdge && p.edgeDelayWhile <= now) {
        p.operEdge = true;
        changed = true;
      }
    }
    if (ports.some((p) => p.reselect)) {
      this.#root = selectRoles(ports, this.id, BRIDGE_TIMES);
      changed = true;
    }
    const flush = (p: TreePort): void => this.#switch.table.flush(p.port.number);
    for (const p of ports) {
      changed = roleTransitions(p, ports, now) || changed;
      changed = topologyChange(p, ports, now, flush) || changed;
    }
    return changed;
  }

  /** Port Transmit state machine (17.26). */
  #transmit(p: TreePort, now: Nanos): void {
    if (!p.portEnabled) return;
    while (p.txCount > 0 && p.txRelief <= now) {
      p.txCount--;
      p.txRelief += SECOND;
    }
    if (p.helloWhen <= now) {
      p.helloWhen = now + BRIDGE_TIMES.helloTime;
      p.newInfo ||= p.role === 'designated' || (p.role === 'root' && p.tcWhile > now);
    }
    if (!p.newInfo || p.txCount >= TX_HOLD_COUNT || !p.selected || p.updtInfo) return;
    p.newInfo = false;
    if (p.txCount++ === 0) p.txRelief = now + SECOND;
    const bpdu = new Bpdu(
      {
        topologyChange: p.tcWhile > now,
        proposal: p.proposing,
        role: bpduRole(p.role),
        learning: p.learn,
        forwarding: p.forward,
        agreement: p.agree,
      },
      p.designatedPriority,
      p.designatedTimes,
    );
    p.port.device.send(new EthernetFrame(RESERVED_BRIDGE_GROUP, p.port.device.mac, bpdu.size, bpdu));
  }
}

function readBpdu(payload: Pdu): Bpdu {
  if (payload instanceof Bpdu) return payload;
  if (payload instanceof Payload) return Bpdu.parse(payload);
  throw new DecodeError('not-a-bpdu');
}

function stateOf(p: TreePort): PortState {
  if (p.forward) return 'forwarding';
  return p.learn ? 'learning' : 'discarding';
}

function bpduRole(role: PortRole): BpduRole {
  if (role === 'disabled') return 'unknown';
  return role === 'backup' ? 'alternate' : role;
}
