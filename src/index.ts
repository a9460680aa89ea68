/**
 * The public surface of fivetuple, listed by hand: what programs that use the package may rely on.
 *
 * Networks are built with {@link Network}, programs on hosts are generators that call {@link accept}, {@link recv} and
 * friends, scenarios are plain data checked by {@link scenario}. Below these, import nothing.
 */

export { type Launch, launch } from './apps/app.ts';
export { type AsyncContext, type AsyncProgram, AsyncPrograms } from './apps/async/async-programs.ts';
export { APPS, appByName } from './apps/registry.ts';
// --- sockets and programs ---
export { type ErrnoName, errnoName, errnoNumber } from './network/errno.ts';
export type { Cable } from './node/cable.ts';
export type { Conservation } from './node/conservation.ts';
export type { Host, StartOptions } from './node/host.ts';
// --- networks ---
export { Network, type NetworkOptions } from './node/network.ts';
export type { CableOptions, HostOptions, HubOptions, RouterOptions, SwitchOptions } from './node/options.ts';
export { capturedInterfaces, writeCapture } from './observe/capture.ts';
export { drawLadder } from './observe/ladder.ts';
export { formatSockets } from './observe/netstat.ts';
export { Recorder } from './observe/recorder.ts';
export { formatFrames } from './observe/text.ts';
export { type Sample, Sampler, throughput } from './observe/time-series.ts';
export { drawTopology } from './observe/topology.ts';
// --- what travels ---
export { IpAddress } from './packet/ip-address.ts';
export { MacAddress } from './packet/mac-address.ts';
export { Payload } from './packet/payload.ts';
export type { Pdu } from './packet/pdu.ts';
export { type Prefix, parsePrefix } from './packet/prefix.ts';

// --- observation ---
export type { Tap } from './packet/tap.ts';
// --- scenarios ---
export { scenario } from './scenario/define.ts';
export { derive } from './scenario/derive.ts';
export type { ScenarioInput } from './scenario/schema/scenario.ts';
export { ConfigError, DecodeError, InvariantError } from './sim/errors.ts';
export type { RunEnd, RunOptions } from './sim/simulator.ts';
export { formatDuration, MICROSECOND, MILLISECOND, type Nanos, parseDuration, SECOND } from './sim/time.ts';
export type { Endpoint, Process, Received, Socket, SocketKind } from './sockets/api.ts';
export {
  accept,
  connect,
  poll,
  recv,
  recvExactly,
  recvWithin,
  sendAll,
  sleep,
  until,
} from './sockets/blocking.ts';
export type { Program, ProgramContext, Running, Task } from './sockets/program.ts';
