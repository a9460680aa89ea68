/** What a socket call came to: as data, as text, and measured against what it should have come to. */

import { errnoName } from '../../network/errno.ts';
import { endpointText } from '../../packet/endpoint-text.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import {
  type Endpoint,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  type Received,
} from '../../sockets/api.ts';
import { formatEndpoint, type NamedEndpoint } from '../schema/endpoint.ts';
import type { Expected } from './syntax.ts';

/** A value that is 0 or more, or minus an errno; bytes; an endpoint; readiness; the peer of an accepted socket. */
export type CallResult =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'data'; readonly received: Received }
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint }
  | { readonly kind: 'events'; readonly events: number }
  | { readonly kind: 'text'; readonly text: string };

/** Finds the address of an endpoint that may name a host. */
type ResolveEndpoint = (endpoint: NamedEndpoint) => Endpoint;

const EVENT_NAMES: readonly (readonly [number, string])[] = [
  [POLLIN, 'POLLIN'],
  [POLLPRI, 'POLLPRI'],
  [POLLOUT, 'POLLOUT'],
  [POLLERR, 'POLLERR'],
  [POLLHUP, 'POLLHUP'],
  [POLLRDHUP, 'POLLRDHUP'],
];

/** @param result null when the call never returned */
export function meets(expected: Expected, result: CallResult | null, resolve: ResolveEndpoint): boolean {
  if (result === null || expected.kind === 'blocks') return result === null && expected.kind === 'blocks';
  switch (expected.kind) {
    case 'anything':
      return true;
    case 'success':
      return result.kind !== 'number' || result.value >= 0;
    case 'number':
      return numberOf(result) === expected.value;
    case 'errno':
      return result.kind === 'number' && result.value < 0 && errnoName(result.value) === expected.errno;
    case 'data':
      return result.kind === 'data' && dataMeets(expected, result.received, resolve);
    case 'endpoint':
      return result.kind === 'endpoint' && sameEndpoint(resolve(expected.endpoint), result.endpoint);
    case 'events':
      return result.kind === 'events' && result.events === expected.events;
  }
}

/** As a person reads it: `0`, `EADDRINUSE`, `"hello" from 10.0.0.1:7`. */
export function formatResult(result: CallResult | null): string {
  if (result === null) return 'blocks';
  switch (result.kind) {
    case 'number':
      return result.value < 0 ? errnoName(result.value) : String(result.value);
    case 'data': {
      const { data, from } = result.received;
      const sender = from === null ? '' : ` from ${formatPlain(from)}`;
      return `${quoted(textOf(result.received))}${sender}${data.size > SHOWN ? ` (${data.size} bytes)` : ''}`;
    }
    case 'endpoint':
      return formatPlain(result.endpoint);
    case 'events':
      return formatEvents(result.events);
    case 'text':
      return quoted(result.text);
  }
}

export function formatExpected(expected: Expected): string {
  switch (expected.kind) {
    case 'success':
      return 'success';
    case 'anything':
      return '?';
    case 'blocks':
      return 'blocks';
    case 'number':
      return String(expected.value);
    case 'errno':
      return expected.errno;
    case 'data':
      return quoted(expected.text) + (expected.from === null ? '' : ` from ${formatEndpoint(expected.from)}`);
    case 'endpoint':
      return formatEndpoint(expected.endpoint);
    case 'events':
      return formatEvents(expected.events);
  }
}

function dataMeets(
  { text, from }: Extract<Expected, { kind: 'data' }>,
  received: Received,
  resolve: ResolveEndpoint,
): boolean {
  if (textOf(received) !== text) return false;
  return from === null || (received.from !== null && sameEndpoint(resolve(from), received.from));
}

function numberOf(result: CallResult): number | null {
  if (result.kind === 'number') return result.value;
  if (result.kind === 'data') return result.received.data.size;
  return result.kind === 'events' ? result.events : null;
}

function textOf({ data }: Received): string {
  return new TextDecoder().decode(data.view());
}

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}

function formatPlain({ address, port }: { address: IpAddress; port: number }): string {
  return endpointText(address, port);
}

function formatEvents(events: number): string {
  const names = EVENT_NAMES.filter(([bit]) => (events & bit) !== 0).map(([, name]) => name);
  return names.length === 0 ? '0' : names.join('|');
}

const SHOWN = 60;

function quoted(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
