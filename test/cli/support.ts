/** The command line in tests: in this process, with a terminal that only remembers. */
import { runCommandLine } from '../../src/cli/program.ts';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command as a user would type it. */
export async function fivetuple(...args: string[]): Promise<Said> {
  const said = { out: '', err: '' };
  const code = await runCommandLine(args, {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    hasColor: false,
    showsProgress: false,
  });
  return { code, ...said };
}
