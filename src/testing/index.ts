/**
 * `fivetuple/testing`, listed by hand: property-based testing of protocols and of programs that use sockets.
 *
 * A property says what must hold; the kit draws networks, faults and inputs, runs them in virtual time, and shrinks
 * what fails to the smallest network in which it still does. On fast-check 4; docs/testing.md is the guide.
 */

export type { AnyContext, AnyProgram } from '../apps/async/any-program.ts';
// --- what is drawn ---
export {
  type AddressConstraints,
  ipv4Address,
  ipv6Address,
  type MacConstraints,
  macAddress,
  port,
} from './arbitraries/addresses.ts';
export {
  type ByteStream,
  byteStream,
  inWrites,
  type PayloadConstraints,
  payload,
  type WriteConstraints,
  writeSizes,
} from './arbitraries/bytes.ts';
export { arpPacket, icmpMessage, icmpv6Message, igmpMessage } from './arbitraries/control.ts';
export {
  type DemuxConstraints,
  type DemuxTable,
  demuxScenario,
  demuxTable,
  type TablePacket,
  type TableSocket,
} from './arbitraries/demux-table.ts';
export { type EventConstraints, type EventKind, events, type Timeline } from './arbitraries/events.ts';
export {
  type Impairment,
  type ImpairmentConstraints,
  type ImpairmentKind,
  impaired,
  impairments,
  type LossConstraints,
  lossPattern,
} from './arbitraries/impairments.ts';
export { type NearlyValid, nearlyValidPacket } from './arbitraries/nearly-valid.ts';
export { type NetworkConstraints, network } from './arbitraries/network.ts';
export {
  ethernetFrame,
  type FrameConstraints,
  type IpProtocol,
  ipv4Packet,
  ipv6Packet,
  type PacketConstraints,
} from './arbitraries/packet.ts';
export { anyScenario, type ScenarioConstraints } from './arbitraries/scenario.ts';
export {
  type SocketProgramConstraints,
  type SocketPrograms,
  socketPrograms,
} from './arbitraries/socket-program.ts';
export { type Topology, type TopologyConstraints, topology } from './arbitraries/topology.ts';
export { type TrafficConstraints, type TrafficKind, traffic } from './arbitraries/traffic.ts';
export {
  type TcpConstraints,
  type TransportConstraints,
  tcpSegment,
  type UdpConstraints,
  udpDatagram,
} from './arbitraries/transport.ts';
// --- cases and runs ---
export type { TestCase } from './case.ts';
// --- every choice of a small scope ---
export { type Exploration, ExplorationLimit } from './exhaustive/exploration.ts';
export {
  exploreFaults,
  type FaultScope,
  FaultsFound,
  formatExploration,
  type PacketFault,
} from './exhaustive/faults.ts';
export {
  type CallSequence,
  exploreInterleavings,
  type InterleavingScope,
  OrderFound,
} from './exhaustive/interleavings.ts';
// --- counterexamples ---
export { directorySink, type FailureSink } from './files/sink.ts';
export type { Invariant } from './invariant.ts';
// --- what must always hold ---
export { ALWAYS } from './invariants/always.ts';
export { CONSERVATION } from './invariants/conservation.ts';
export { DELIVERED_PREFIX } from './invariants/delivered-prefix.ts';
export { DEMUX_UNIQUENESS } from './invariants/demux-uniqueness.ts';
export { NO_DESCRIPTOR_LEAK } from './invariants/descriptors.ts';
export { SEQUENCE_ORDER } from './invariants/sequence-order.ts';
export { NO_STRAY_TIMER } from './invariants/timers.ts';
export { InvariantViolation } from './invariants/violation.ts';
// --- models and commands ---
export { Bench } from './model/bench.ts';
export {
  type Arguments,
  type Command,
  type CommandKind,
  type CommandKinds,
  command,
  commands,
} from './model/command.ts';
export { datagramCommands } from './model/datagram-commands.ts';
export {
  DATAGRAM_PORT,
  DatagramModel,
  type DatagramPromises,
  type SentDatagram,
} from './model/datagram-model.ts';
export { fastCheckCommands } from './model/fast-check-commands.ts';
export { type ModelPropertySpec, modelProperty } from './model/model-property.ts';
export { networkCommands } from './model/network-commands.ts';
export { NetworkModel } from './model/network-model.ts';
export { streamCommands } from './model/stream-commands.ts';
export { STREAM_PORT, StreamConnection, type StreamEnd, StreamModel } from './model/stream-model.ts';
// --- what packets must look like ---
export {
  anyOf,
  atLeast,
  atMost,
  between,
  type Condition,
  type Expected,
  not,
  satisfies,
} from './packets/condition.ts';
export {
  expectEventually,
  expectLeadsTo,
  expectNever,
  expectPacket,
  expectPackets,
  expectSequence,
  findPackets,
  type HowMany,
  type Packets,
  type Step,
  type Window,
} from './packets/expect-packets.ts';
export { withFlags, withoutFlags } from './packets/flags.ts';
export { icmp, icmpv6, igmp, mld, ndp } from './packets/icmp.ts';
export { ip, ipv4, ipv6 } from './packets/ip.ts';
export { arp, ethernet } from './packets/link.ts';
export type { FieldResult, PacketMatcher, PacketView } from './packets/matcher.ts';
export { PacketMismatch } from './packets/mismatch.ts';
export { tcp, udp } from './packets/transport.ts';
export { delivered, either, lost, receivedBy, sentBy } from './packets/where.ts';
export { counterexample } from './property/assemble.ts';
// --- properties ---
export { type CheckOptions, CounterexampleError, checkNetwork } from './property/check-network.ts';
export {
  type Check,
  type NetworkProperty,
  type NetworkPropertySpec,
  networkProperty,
} from './property/network-property.ts';
export { type BuiltIn, Stage, type StageOptions } from './property/stage.ts';
// --- what of the protocols was reached ---
export type { CoverageItem, CoverageKind } from './reach/catalogue.ts';
export { formatCoverage } from './reach/format.ts';
export {
  type CoverageCounts,
  CoverageError,
  type CoverageGoal,
  type CoverageReport,
  type KindReport,
  ProtocolCoverage,
} from './reach/protocol-coverage.ts';
// --- runs that must compare ---
export { RELATIONS } from './relations/all.ts';
export { IDLE_HOST } from './relations/idle-host.ts';
export type { Aspect, Outcome } from './relations/outcome.ts';
export { RE_ADDRESSING } from './relations/re-addressing.ts';
export {
  BrokenRelation,
  checkRelations,
  judgeRelation,
  type Relation,
  type RelationVerdict,
  type Variant,
} from './relations/relation.ts';
export { RENAMING } from './relations/renaming.ts';
export { REORDERING } from './relations/reordering.ts';
export { OTHER_SEED, OTHER_SEQUENCE_NUMBERS, TAPS_OFF, TWO_HALVES, WIRE_MODE } from './relations/same-run.ts';
export { SPLIT_LINK } from './relations/split-link.ts';
export { TIME_SHIFT } from './relations/time-shift.ts';
export { WRITE_SIZES, writesOf } from './relations/write-sizes.ts';
export { EndlessError } from './run/endless.ts';
export { type RunLimits, runScenario, runScenarioAsync } from './run/run-scenario.ts';
export type { SeenPacket } from './run/seen-packet.ts';
export { TestRun } from './run/test-run.ts';
