/**
 * The `%{ }%` blocks of a script: each keeps the TCP_INFO of its time, and all are run in order when the script is
 * over, as one program.
 */
import { ScriptFailure } from './failure.ts';
import type { PythonProgram } from './python/ast.ts';
import { PythonSession } from './python/evaluate.ts';
import type { SourceText } from './source.ts';

/** Constants that snippets may name (linux/tcp.h, net/tcp_states.h). */
const CONSTANTS: readonly (readonly [name: string, value: number])[] = [
  ['TCP_ESTABLISHED', 1],
  ['TCP_SYN_SENT', 2],
  ['TCP_SYN_RECV', 3],
  ['TCP_FIN_WAIT1', 4],
  ['TCP_FIN_WAIT2', 5],
  ['TCP_TIME_WAIT', 6],
  ['TCP_CLOSE', 7],
  ['TCP_CLOSE_WAIT', 8],
  ['TCP_LAST_ACK', 9],
  ['TCP_LISTEN', 10],
  ['TCP_CLOSING', 11],
  ['TCP_CA_Open', 0],
  ['TCP_CA_Disorder', 1],
  ['TCP_CA_CWR', 2],
  ['TCP_CA_Recovery', 3],
  ['TCP_CA_Loss', 4],
  ['TCPI_OPT_TIMESTAMPS', 1],
  ['TCPI_OPT_SACK', 2],
  ['TCPI_OPT_WSCALE', 4],
  ['TCPI_OPT_ECN', 8],
  ['TCPI_OPT_ECN_SEEN', 16],
  ['TCPI_OPT_SYN_DATA', 32],
  ['TCPI_OPT_USEC_TS', 64],
  ['TCPI_OPT_TFO_CHILD', 128],
];

export class Snippets {
  readonly #source: SourceText;
  readonly #blocks: { readonly program: PythonProgram; readonly snapshot: ReadonlyMap<string, number> }[] =
    [];

  constructor(source: SourceText) {
    this.#source = source;
  }

  /** Keeps a block and what the socket looked like when its time came. */
  add(program: PythonProgram, info: ReadonlyMap<string, number>): void {
    this.#blocks.push({ program, snapshot: new Map([...CONSTANTS, ...info]) });
  }

  /** @throws ScriptFailure at the first assertion that does not hold, ScriptError for code that is wrong */
  run(): void {
    const session = new PythonSession(this.#source);
    for (const { program, snapshot } of this.#blocks) {
      const failure = session.run(program, snapshot);
      if (failure !== null) throw new ScriptFailure(failure.at, failure.message);
    }
  }
}
