#!/usr/bin/env node
/** The program `fivetuple`: joins the commands to this process, its terminal and its exit code. */
import { EXIT_OK } from './exit.ts';
import { runCommandLine } from './program.ts';
import { processTerminal } from './terminal.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT_OK); // the reader, such as `head`, has seen enough
});

process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal());
