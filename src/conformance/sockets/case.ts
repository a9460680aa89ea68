/**
 * The cases of the kernel corpus: what a line holds, and what is refused. One JSON object per line: operations of a
 * driver on sockets and on the wire, and what the kernel answered to each.
 */
import { ConfigError } from '../../sim/errors.ts';
import { nearest } from '../../sim/nearest.ts';

/** A port: its number, or `$e1` for the first one that the kernel chose. */
export type Port = number | string;
/** A socket: its number, or `@k` for the one that won at operation k. */
export type SocketRef = number | string;

export type Operation = readonly [name: string, ...operands: readonly Operand[]];
export type Operand = number | string | readonly Operand[];

/** A value as the driver reports it: a number, an errno name, a name [ip, port], a list of rows. */
export type Value = number | string | readonly Value[];

/** A result: a bare value, or an object when there was more to see. */
export type Result = Value | ResultObject;

export interface ResultObject {
  readonly r: Value;
  /** Local name of the operation's socket, when it changed. */
  readonly l?: Value;
  /** accept: the peer. */
  readonly p?: Value;
  /** recv on UDP: the sender. */
  readonly from?: Value;
  /** New TCP states: [socket, state] each. */
  readonly ts?: readonly Value[];
  /** What arrived. */
  readonly rx?: readonly Value[];
  /** Listeners whose accept queue grew. */
  readonly q?: readonly number[];
  /** Sockets that newly have an error pending. */
  readonly err?: readonly number[];
  /** The winner was chosen by hash from these sockets. */
  readonly g?: readonly number[];
  /** Packets that the machine sent. */
  readonly o?: readonly Value[];
}

export interface CorpusCase {
  readonly id: string;
  readonly title: string;
  /** Sysctls changed for this case. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** The true numbers behind the port symbols, where they are a rule. */
  readonly ports: Readonly<Record<string, number>>;
  readonly operations: readonly Operation[];
  readonly results: readonly Result[];
}

/** Number of operands of each operation: least and most. */
const OPERATIONS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  socket: [1, 1],
  opt: [3, 3],
  getopt: [2, 2],
  bind: [3, 3],
  bindas: [4, 4],
  bindraw: [5, 5],
  connectraw: [5, 5],
  listen: [2, 2],
  accept: [1, 1],
  connect: [3, 3],
  disconnect: [1, 1],
  send: [2, 2],
  sendto: [4, 4],
  recv: [2, 2],
  shutdown: [2, 2],
  close: [1, 1],
  getsockname: [1, 1],
  getpeername: [1, 1],
  geterr: [1, 1],
  user: [2, 2],
  diag: [0, 0],
  udp: [5, 5],
  syn: [5, 6],
  hs: [5, 6],
  pdata: [5, 5],
  pfin: [4, 4],
  prst: [4, 4],
  seg: [9, 9],
  icmp: [8, 8],
  auto: [1, 1],
};

/**
 * Reads one line of a corpus.
 * @param file and @param line for messages: what people see, and the 1-based number
 * @throws ConfigError naming file and line when the line is no case
 */
export function parseCase(text: string, file: string, line: number): CorpusCase {
  const raw = parseJson(text, file, line);
  const where = `${file}:${line}`;
  if (typeof raw !== 'object' || raw === null) throw new ConfigError(`${where}: not a case`, [], 'an object');
  const { id, t, cfg, eph, ops, res } = raw as Record<string, unknown>;
  if (typeof id !== 'string') throw new ConfigError(`${where}: a case without id`, [], '"id": a text');
  if (!Array.isArray(ops) || !Array.isArray(res)) {
    throw new ConfigError(`${where}: case ${id} lacks "ops" or "res"`, [], 'two lists of equal length');
  }
  if (ops.length !== res.length) {
    throw new ConfigError(`${where}: case ${id} has ${ops.length} operations and ${res.length} results`);
  }
  for (const operation of ops) checkOperation(operation, `${where}: case ${id}`);
  return {
    id,
    title: typeof t === 'string' ? t : '',
    sysctls: (cfg ?? {}) as Record<string, string>,
    ports: (eph ?? {}) as Record<string, number>,
    operations: ops as Operation[],
    results: res as Result[],
  };
}

/** `A.tcp.bound` of `A.tcp.bound.00094`; the kind a case belongs to. */
export function categoryOf(id: string): string {
  return id.slice(0, id.indexOf('.'));
}

function parseJson(text: string, file: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${file}:${line}: not JSON: ${reason}`, [], 'one case per line');
  }
}

function checkOperation(operation: unknown, where: string): void {
  if (!Array.isArray(operation) || typeof operation[0] !== 'string') {
    throw new ConfigError(
      `${where}: ${JSON.stringify(operation)} is no operation`,
      [],
      '[name, operands...]',
    );
  }
  const [name] = operation as [string];
  const arity = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (arity === undefined) {
    const like = nearest(name, Object.keys(OPERATIONS));
    throw new ConfigError(
      `${where}: unknown operation '${name}'`,
      [],
      like === null ? undefined : `did you mean '${like}'?`,
    );
  }
  const count = operation.length - 1;
  if (count < arity[0] || count > arity[1]) {
    throw new ConfigError(`${where}: '${name}' takes ${arity[0]} operands, not ${count}`);
  }
}
