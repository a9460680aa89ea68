/**
 * TCP's promise (RFC 9293 3.1): the bytes that a program reads from a connection are a prefix of those that the program
 * at the other end wrote, whatever the network did to them.
 */
import { Payload } from '../../packet/payload.ts';
import type { Writing } from '../../scenario/build/received.ts';
import type { Endpoint, SocketKind } from '../../sockets/api.ts';
import type { Invariant } from '../invariant.ts';
import type { TestRun } from '../run/test-run.ts';
import { InvariantViolation } from './violation.ts';

const NAME = 'delivered bytes';

export const DELIVERED_PREFIX: Invariant = {
  name: NAME,
  check: (run) => {
    const written = streamsOf(run.inner.programs.writings);
    for (const read of streamsOf(run.readings)) checkStream(run, read, written);
  },
};

/** All bytes that went through one socket to or from one peer. */
interface Stream {
  readonly host: string;
  readonly local: string;
  /** Null when it was not known yet, as of data that is written with a SYN. */
  readonly peer: string | null;
  readonly parts: Payload[];
  readonly last: Writing;
  /** Urgent data or thrown away bytes leave gaps that nobody can judge from here. */
  isWhole: boolean;
}

function streamsOf(traffic: readonly Writing[]): Stream[] {
  const streams = new Map<string, Stream>();
  for (const one of traffic) {
    if (!isStream(one.kind)) continue;
    const [local, peer] = [nameOf(one.local), one.peer === null ? null : nameOf(one.peer)];
    const key = `${one.socket} ${local} ${peer}`;
    const stream = streams.get(key) ?? { host: one.host, local, peer, parts: [], last: one, isWhole: true };
    streams.set(key, stream);
    stream.parts.push(one.data);
    stream.isWhole &&= one.isInBand;
  }
  return [...streams.values()];
}

function checkStream(run: TestRun, read: Stream, written: readonly Stream[]): void {
  if (!read.isWhole || read.peer === null) return;
  const sources = written.filter(
    ({ local, peer }) => local === read.peer && (peer === null || peer === read.local),
  );
  if (sources.some(({ isWhole, peer }) => !isWhole || peer === null)) return;
  const got = bytesOf(read);
  const agreed = Math.max(0, ...sources.map((source) => commonLength(got, bytesOf(source))));
  if (agreed === got.length) return;
  const connection = `${read.local} <- ${read.peer}`;
  const what =
    sources.length === 0
      ? `${got.length} bytes were read that nobody wrote`
      : `${got.length} bytes were read; byte ${agreed} is not the one that was written`;
  throw new InvariantViolation(NAME, { time: run.now, host: read.host, connection }, what);
}

function bytesOf({ parts }: Stream): Uint8Array {
  return parts.reduce((all, part) => all.concat(part), Payload.zeros(0)).view();
}

function commonLength(a: Uint8Array, b: Uint8Array): number {
  const limit = Math.min(a.length, b.length);
  for (let i = 0; i < limit; i++) if (a[i] !== b[i]) return i;
  return limit;
}

function isStream(kind: SocketKind): boolean {
  return kind === 'tcp' || kind === 'tcp6';
}

/** A mapped IPv4 address at one end is the plain one at the other. */
function nameOf({ address, port }: Endpoint): string {
  return `${address.isV4Mapped ? address.unmapped() : address}:${port}`;
}
