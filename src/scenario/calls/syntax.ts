/** One socket call of an inline program, as data: `c = accept(s) = 10.0.0.2:5678`. */
import type { ErrnoName } from '../../network/errno.ts';
import type { Nanos } from '../../sim/time.ts';
import type { ShutdownHow, SocketKind } from '../../sockets/api.ts';
import type { NamedEndpoint } from '../schema/endpoint.ts';

/** What is sent: text, or a number of zero bytes. */
export type SentData = { readonly text: string } | { readonly zeros: number };

/** The call and its arguments. */
export type CallAction =
  | { readonly call: 'socket'; readonly type: SocketKind; readonly nonblocking: boolean }
  | { readonly call: 'sleep'; readonly time: Nanos }
  | { readonly call: 'until'; readonly time: Nanos }
  | { readonly call: 'accept'; readonly socket: string }
  | SocketAction;

/** A call on a socket, which is held by the variable `socket`. */
export type SocketAction =
  | { readonly call: 'bind' | 'connect'; readonly socket: string; readonly to: NamedEndpoint }
  | { readonly call: 'listen'; readonly socket: string; readonly backlog: number }
  | {
      readonly call: 'close' | 'disconnect' | 'getsockname' | 'getpeername';
      readonly socket: string;
    }
  | { readonly call: 'send'; readonly socket: string; readonly data: SentData; readonly flags: number }
  | {
      readonly call: 'sendto';
      readonly socket: string;
      readonly data: SentData;
      readonly to: NamedEndpoint;
      readonly flags: number;
    }
  | { readonly call: 'recv'; readonly socket: string; readonly size: number; readonly flags: number }
  | { readonly call: 'shutdown'; readonly socket: string; readonly how: ShutdownHow }
  | {
      readonly call: 'setsockopt';
      readonly socket: string;
      readonly option: string;
      readonly value: OptionWords;
    }
  | { readonly call: 'getsockopt'; readonly socket: string; readonly option: string }
  | {
      readonly call: 'poll';
      readonly socket: string;
      readonly events: number;
      readonly timeout: Nanos | null;
    };

/** A number, the name of a device, or a group and the interface that joins it: by address, with IPv6 by name or null. */
export type OptionWords =
  | number
  | string
  | { readonly group: NamedEndpoint; readonly device: NamedEndpoint }
  | { readonly group: NamedEndpoint; readonly interface: string | null };

/** What a call must result in. */
export type Expected =
  /** No expectation was written: any result but an error. */
  | { readonly kind: 'success' }
  /** `= ?`: whatever comes. */
  | { readonly kind: 'anything' }
  /** `= blocks`: it must not return before the end of the run. */
  | { readonly kind: 'blocks' }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'errno'; readonly errno: ErrnoName }
  | { readonly kind: 'data'; readonly text: string; readonly from: NamedEndpoint | null }
  | { readonly kind: 'endpoint'; readonly endpoint: NamedEndpoint }
  | { readonly kind: 'events'; readonly events: number };

export interface Call {
  readonly text: string;
  /** The variable that gets the socket of socket() and accept(). */
  readonly assigns: string | null;
  readonly action: CallAction;
  readonly expected: Expected;
}
