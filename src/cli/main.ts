#!/usr/bin/env node
/** The program `fivetuple`: joins the commands to this process, its terminal and its exit code. */
import { OutputError } from '../observe/sinks/file-sink.ts';
import { EXIT_OK, EXIT_USAGE } from './exit.ts';
import { runCommandLine } from './program.ts';
import { processTerminal } from './terminal.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT_OK); // the reader, such as `head`, has seen enough
  process.stderr.write(`${new OutputError('standard output', error).message}\n`);
  process.exit(EXIT_USAGE);
});

process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal());
