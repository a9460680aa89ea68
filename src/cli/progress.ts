/** One line on standard error that says how far long work is: shown on a terminal only, and not in the first second. */
import { performance } from 'node:perf_hooks';
import type { Terminal } from './terminal.ts';

const FIRST_MS = 1000;
const NEXT_MS = 200;
const CLEAR_LINE = '\r\u001b[K';

export class Progress {
  readonly #terminal: Terminal;
  readonly #what: string;
  #next = performance.now() + FIRST_MS;
  #isShown = false;

  /** @param what stands behind the figure: `of 500 cases` */
  constructor(terminal: Terminal, what: string) {
    this.#terminal = terminal;
    this.#what = what;
  }

  show(figure: number | string): void {
    const now = performance.now();
    if (!this.#terminal.showsProgress || now < this.#next) return;
    this.#next = now + NEXT_MS;
    this.#isShown = true;
    this.#terminal.err(`${CLEAR_LINE}${figure} ${this.#what}`);
  }

  clear(): void {
    if (this.#isShown) this.#terminal.err(CLEAR_LINE);
    this.#isShown = false;
  }
}
