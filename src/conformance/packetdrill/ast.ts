/**
 * What a script says, before anything is run: the tree that the parser builds. Numbers are the script's own
 * (sequence numbers relative to the ISN and so on); `at` is an offset into the script's text.
 */
import type { Nanos } from '../../sim/time.ts';
import type { ScriptFamily } from './family.ts';
import type { PythonProgram } from './python/ast.ts';
import type { ShellProgram } from './shell/ast.ts';
import type { SourceText } from './source.ts';
import type { SystemCallName } from './symbols.ts';

export interface Script {
  readonly source: SourceText;
  readonly family: ScriptFamily;
  readonly options: readonly ScriptOption[];
  /** The block before the first event: runs before time 0. */
  readonly init: ShellBlock | null;
  readonly events: readonly ScriptEvent[];
  /** The block behind the last event: always run. */
  readonly cleanup: ShellBlock | null;
}

/** `--name=value`; a bare `--name` has the value ''. */
export interface ScriptOption {
  readonly at: number;
  readonly name: string;
  readonly value: string;
}

export interface ScriptEvent {
  readonly at: number;
  readonly time: EventTime;
  readonly action: Action;
}

/** When: at `from`, or between `from` and `to`. `relative` counts from the end of the event before. */
export interface EventTime {
  readonly kind: 'absolute' | 'relative' | 'any';
  readonly from: Nanos;
  readonly to: Nanos | null;
}

export type Action = TcpPacket | IcmpPacket | SystemCall | ShellBlock | CodeBlock;

export interface ShellBlock {
  readonly kind: 'shell';
  readonly at: number;
  readonly program: ShellProgram;
}

export interface CodeBlock {
  readonly kind: 'code';
  readonly at: number;
  readonly program: PythonProgram;
}

/** In: the runner injects it towards the host; out: the host must send it. */
export type Direction = 'in' | 'out';

/** What a packet line says of the IP header; null where it says nothing. */
export interface IpInfo {
  /** Two ECN bits, or 'ect01' for either ECT codepoint. */
  readonly ecn: number | 'ect01' | null;
  /** The whole TOS byte. */
  readonly tos: number | null;
  readonly ttl: number | null;
  /** IPv6 only. */
  readonly flowLabel: number | null;
}

export interface TcpPacket {
  readonly kind: 'tcp';
  readonly at: number;
  readonly direction: Direction;
  readonly ip: IpInfo;
  readonly ports: { readonly src: number; readonly dst: number } | null;
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128, AE 256. */
  readonly flags: number;
  readonly seq: number;
  /** Payload bytes: SYN and FIN are not counted. */
  readonly length: number;
  readonly ack: number;
  /** The raw 16-bit field; null in an outbound packet means that it is not checked. */
  readonly window: number | null;
  readonly urgent: number;
  /** 'any' is `<...>`: not checked. */
  readonly options: readonly TcpOption[] | 'any';
}

export type TcpOption =
  | { readonly kind: 'mss'; readonly value: number }
  | { readonly kind: 'wscale'; readonly shift: number }
  | { readonly kind: 'sackOK' | 'nop' | 'eol' }
  | { readonly kind: 'sack'; readonly blocks: readonly { readonly left: number; readonly right: number }[] }
  | { readonly kind: 'TS'; readonly val: number; readonly ecr: number }
  | { readonly kind: 'FO' | 'FOEXP' | 'md5'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'ECN';
      readonly counters: readonly { readonly name: 'e0b' | 'e1b' | 'ceb'; readonly value: number }[];
    };

export interface IcmpPacket {
  readonly kind: 'icmp';
  readonly at: number;
  readonly direction: Direction;
  readonly ip: IpInfo;
  readonly type: number;
  readonly code: number;
  /** Next-hop MTU; 0 when not given. */
  readonly mtu: number;
  /** Sequence number of the quoted TCP segment. */
  readonly echoedSeq: number;
  readonly echoedLength: number;
}

export interface SystemCall {
  readonly kind: 'call';
  readonly at: number;
  readonly name: SystemCallName;
  readonly args: readonly Expression[];
  /** When a blocking call must return: counts as its start does. Null: the call may not block. */
  readonly end: Nanos | null;
  readonly result: number;
  /** Positive errno, or null. */
  readonly errno: number | null;
}

export type Expression =
  | { readonly kind: 'ellipsis'; readonly at: number }
  | { readonly kind: 'number'; readonly at: number; readonly value: number; readonly word: string | null }
  | { readonly kind: 'string'; readonly at: number; readonly value: string }
  | { readonly kind: 'list'; readonly at: number; readonly items: readonly Expression[] }
  | StructExpression
  | {
      readonly kind: 'apply';
      readonly at: number;
      readonly name: string;
      readonly args: readonly Expression[];
    };

export interface StructExpression {
  readonly kind: 'struct';
  readonly at: number;
  readonly fields: readonly StructField[];
}

/** `name=value`, `name(argument)=value`, or a bare value (then `name` is ''). */
export interface StructField {
  readonly at: number;
  readonly name: string;
  readonly argument: Expression | null;
  readonly value: Expression;
}
