/**
 * `fivetuple/testing`, listed by hand: property-based testing of protocols and of programs that use sockets.
 *
 * A property says what must hold; the kit draws networks, faults and inputs, runs them in virtual time, and shrinks
 * what fails to the smallest network in which it still does. On fast-check 4; docs/testing.md is the guide.
 */

// --- cases and runs ---
export type { Json, TestCase } from './case.ts';
export type { Invariant } from './invariant.ts';
export { EndlessError } from './run/endless.ts';
export { type RunLimits, runScenario } from './run/run-scenario.ts';
export type { SeenPacket } from './run/seen-packet.ts';
export { TestRun } from './run/test-run.ts';
