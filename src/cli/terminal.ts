/** The terminal as commands see it: results, messages, colours. Tests give their own. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

export interface Terminal {
  /** Writes a result. */
  out(text: string): void;
  /** Writes a message. */
  err(text: string): void;
  /** Results may be coloured: a terminal, and NO_COLOR is not set (no-color.org). */
  readonly hasColor: boolean;
  /** Messages go to a terminal: progress may be shown there. */
  readonly showsProgress: boolean;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const wantsColor = (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    hasColor: process.stdout.isTTY === true && wantsColor,
    showsProgress: process.stderr.isTTY === true,
  };
}

/** Paints text when the terminal shows colours. */
export function painter(terminal: Pick<Terminal, 'hasColor'>): (style: Style, text: string) => string {
  return terminal.hasColor ? (style, text) => styleText(style, text) : (_, text) => text;
}
