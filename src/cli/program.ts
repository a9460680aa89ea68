/** The command line: names, options and help of all commands. Each command's own code is loaded when it is used. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { OutputError } from '../observe/sinks/file-sink.ts';
import { ConfigError } from '../sim/errors.ts';
import { DefectError, EXIT_DEFECT, EXIT_OK, EXIT_USAGE, UsageError } from './exit.ts';
import { requireOutputs } from './output.ts';
import type { Terminal } from './terminal.ts';
import { workloadNames } from './workloads.ts';

/** What a command returns: the exit code. */
type Result = number | Promise<number>;

/** @param args without the program itself @returns the exit code; everything to be said has been said */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const state = { exitCode: EXIT_OK };
  const program = declareCommands(terminal, async (result) => {
    state.exitCode = await result;
  });
  try {
    if (args.length === 0) return await (await import('./commands/run.ts')).runFlagship(terminal);
    await program.parseAsync([...args], { from: 'user' });
    return state.exitCode;
  } catch (error) {
    return explainError(error, terminal);
  }
}

function explainError(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE; // it has said why
  if (error instanceof UsageError || error instanceof OutputError) {
    terminal.err(`${error.message}\n`);
    return EXIT_USAGE;
  }
  if (error instanceof ConfigError) {
    terminal.err(
      `error: ${error.message}\n${error.expected === undefined ? '' : `  expected: ${error.expected}\n`}`,
    );
    return EXIT_USAGE;
  }
  if (error instanceof DefectError) {
    terminal.err(`${error.message}\n${stackOf(error.cause)}`);
    return EXIT_DEFECT;
  }
  terminal.err(
    `This is a defect of fivetuple, not of your input. Please report it with the following:\n${stackOf(error)}`,
  );
  return EXIT_DEFECT;
}

function stackOf(error: unknown): string {
  return `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}

/** @param finish gets the exit code of the command that was run */
function declareCommands(terminal: Terminal, finish: (result: Result) => Promise<void>): Command {
  const program = new Command('fivetuple')
    .description(
      'A packet-level network simulator whose socket layer decides as real kernels do, and says why.',
    )
    .version(version())
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .addHelpText('after', HELP_END)
    .hook('preAction', (_program, command) => requireOutputs(command.opts()));

  program
    .command('run')
    .description('run a scenario to its end and show what happened')
    .argument('<file>', 'scenario (.yaml or .ts), or a packetdrill script (.pkt)')
    .option('--seed <n>', 'seed of all randomness, instead of that of the file')
    .option('--until <time>', 'end of the run, as in 10s')
    .option(
      '--max-events <n>',
      'stop a run that has more, and say who is busy; default for properties: 1000000',
    )
    .option('--pcap <dir>', 'write one pcapng file per captured interface')
    .option('--json <file>', 'write one JSON document (- is standard output)')
    .option('--profile <name>', 'whose socket rules the hosts follow: linux, freebsd, windows, rfc')
    .option('--set <path=value>', 'change a value of the scenario, as in links.core.rate=1Mbps', collect, [])
    .option('--wire', 'encode and decode every packet at every hop; results do not change')
    .option('--quiet', 'print failed expectations only')
    .option(
      '--coverage [file]',
      'say what of the protocols the run reached; with a file, write that as JSON, too',
    )
    .option('--min-coverage <percent>', 'fail below this share, as in 80 or transitions=90,rules=50')
    .addHelpText('after', RUN_EXAMPLES)
    .action((file, options) =>
      finish(import('./commands/run.ts').then(({ run }) => run(file, options, terminal))),
    );

  program
    .command('replay')
    .description('run the case of a property that failed again, as `run` runs a scenario')
    .argument('<token>', 'as the failing check printed it')
    .option('--property <file>', 'the module of the property, if it lies elsewhere now')
    .option(
      '--max-events <n>',
      'stop a run that has more, and say who is busy; default for properties: 1000000',
    )
    .option('--pcap <dir>', 'write one pcapng file per captured interface')
    .option('--json <file>', 'write one JSON document (- is standard output)')
    .option('--wire', 'encode and decode every packet at every hop; results do not change')
    .option('--quiet', 'print failed expectations only')
    .action((token, options) =>
      finish(import('./commands/replay.ts').then(({ replay }) => replay(token, options, terminal))),
    );

  program
    .command('coverage')
    .description('add up what runs have reached of the protocols')
    .argument('<file...>', 'documents that `run --coverage` wrote')
    .option('--json <file>', 'write the sum as one JSON document (- is standard output)')
    .option('--min-coverage <percent>', 'fail below this share, as in 80 or transitions=90,rules=50')
    .action((files, options) =>
      finish(import('./commands/coverage.ts').then(({ coverage }) => coverage(files, options, terminal))),
    );

  program
    .command('check')
    .description('say whether scenario files are right, and what is wrong')
    .argument('<file...>', 'scenario files')
    .action((files) => finish(import('./commands/check.ts').then(({ check }) => check(files, terminal))));

  program
    .command('schema')
    .description('print the JSON Schema of scenario files')
    .action(() => finish(import('./commands/schema.ts').then(({ schema }) => schema(terminal))));

  program
    .command('scenarios')
    .description('list the scenarios that come with the program')
    .action(() => finish(import('./commands/scenarios.ts').then(({ scenarios }) => scenarios(terminal))));

  program
    .command('corpus')
    .description('run recorded cases of a real kernel on the simulated machine')
    .argument('<file...>', 'recorded cases (.jsonl or .jsonl.gz): sockets or frames')
    .option('--only <prefix>', 'only cases whose id begins so')
    .option('--against <what>', 'machine, spec (the executable specification), or both', 'machine')
    .option('--json <file>', 'write the results as one JSON document (- is standard output)')
    .option('--show <n>', 'show this many differences', '5')
    .action((files, options) =>
      finish(import('./commands/corpus.ts').then(({ corpus }) => corpus(files, options, terminal))),
    );

  program
    .command('explain')
    .description('say which socket of a host would get a packet at a time of the run, and why')
    .argument('<file>', 'scenario')
    .argument('<packet>', "as in 'udp 10.0.0.10:1111 > 10.0.0.1:5000', with flags S for TCP and dev eth0")
    .requiredOption('--host <name>', 'which host')
    .requiredOption('--at <time>', 'when, as in 2s')
    .option('--profile <name>', 'by the rules of linux, freebsd, windows or rfc; default: those of the host')
    .option('--json <file>', 'write the explanation as one JSON document (- is standard output)')
    .option('--set <path=value>', 'change a value of the scenario', collect, [])
    .addHelpText('after', EXPLAIN_EXAMPLES)
    .action((file, packet, options) =>
      finish(import('./commands/explain.ts').then(({ explain }) => explain(file, packet, options, terminal))),
    );

  program
    .command('netstat')
    .description('print the socket table of a host at a time of the run')
    .argument('<file>', 'scenario')
    .requiredOption('--host <name>', 'which host')
    .requiredOption('--at <time>', 'when, as in 2s')
    .option('--style <name>', "linux (netstat), ss, or bsd; default: as the host's system")
    .option('--set <path=value>', 'change a value of the scenario', collect, [])
    .action((file, options) =>
      finish(import('./commands/netstat.ts').then(({ netstat }) => netstat(file, options, terminal))),
    );

  program
    .command('bench')
    .description('run the benchmark workloads, one JSON line each')
    .argument('[name...]', 'which of them, as in udp-chain or udp-chain/16; default: all')
    .option('--json <file>', 'write the lines to a file, too')
    .option('--family <family>', 'ipv4 (default) or ipv6: the workloads that know it')
    .addHelpText('after', `\nWorkloads: ${workloadNames().join(', ')}`)
    .action((names, options) =>
      finish(import('./commands/bench.ts').then(({ bench }) => bench(names, options, terminal))),
    );

  program
    .command('packetdrill')
    .description('run packetdrill scripts, each on a fresh simulated host')
    .argument('<path...>', 'scripts (.pkt), or folders searched for them')
    .option('--json <file>', 'write the results as one JSON document (- is standard output)')
    .option('--only <text>', 'only scripts whose path contains this')
    .option('-D, --define <word=value>', 'replace a word in all scripts', collect, [])
    .option(
      '--family <family>',
      'ipv4, ipv6, or mapped (AF_INET6 sockets over IPv4); default: as a script says',
    )
    .option('--verbose', 'print every call and packet')
    .addHelpText('after', PACKETDRILL_EXAMPLES)
    .action((paths, options) =>
      finish(
        import('./commands/packetdrill.ts').then(({ packetdrill }) => packetdrill(paths, options, terminal)),
      ),
    );

  return program;
}

const HELP_END = `
Without a command, the first of the scenarios that come with the program is run.

Examples:
  $ fivetuple scenarios
  $ fivetuple run scenarios/01-port-versus-socket.yaml --pcap captures

Exit codes: 0 all well; 1 an expectation, script or case failed; 2 wrong usage or input, or a call that the
host's profile does not define; 70 a defect of the program.`;

const PACKETDRILL_EXAMPLES = `
Examples:
  $ fivetuple packetdrill test/packetdrill/own
  $ fivetuple packetdrill keepalive/exhausted_etimedout.pkt --verbose`;

const RUN_EXAMPLES = `
Examples:
  $ fivetuple run scenarios/10-loss.yaml --seed 7
  $ fivetuple run scenarios/10-loss.yaml --set links.core.rate=1Mbps --json -`;

const EXPLAIN_EXAMPLES = `
Examples:
  $ fivetuple explain scenarios/04-bind-to-one-or-all.yaml --host server --at 500ms 'udp 10.0.0.2:4000 > 10.0.0.5:5000'
  $ fivetuple explain scenarios/01-port-versus-socket.yaml --host server --at 1s 'tcp 10.0.0.2:5678 > 192.168.1.5:80 flags A'`;

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** package.json lies two folders up, from `src/cli` as from `dist/cli`. */
function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
