/** `ip tcp_metrics`, `ip route` and `tc qdisc`: the words of iproute2 that scripts use. */
import type { ShellWord } from './ast.ts';
import { attempt, type CommandContext } from './context.ts';
import type { RouteChange } from './host.ts';

/** ip(8): `tcp_metrics flush all` and `route change …`. */
export function routeCommand(context: CommandContext): number {
  const { command, host } = context;
  const words = command.words.slice(1).filter(({ text }) => text !== '-4' && text !== '-6');
  const [object, verb, third] = words;
  if (
    object?.text === 'tcp_metrics' &&
    verb?.text === 'flush' &&
    (third === undefined || third.text === 'all')
  ) {
    host.flushTcpMetrics();
    return 0;
  }
  const isRoute = object?.text === 'route' || object?.text === 'ro' || object?.text === 'r';
  if (isRoute && third !== undefined && ['change', 'replace', 'add'].includes(verb!.text)) {
    const change = parseRoute(context, words.slice(2));
    attempt(context, object.at, () => host.changeRoute(change));
    return 0;
  }
  const word = words.find(({ text }) => !['route', 'tcp_metrics'].includes(text));
  return context.fail(
    word?.at ?? command.at,
    `this ip command is not built: '${words.map(({ text }) => text).join(' ')}'`,
    'ip tcp_metrics flush all, or ip route change …',
  );
}

function parseRoute(context: CommandContext, words: readonly ShellWord[]): RouteChange {
  const change: { -readonly [Key in keyof RouteChange]: RouteChange[Key] } = { destination: words[0]!.text };
  let next = 1;
  const value = (): ShellWord => {
    const word = words[next++];
    if (word === undefined) context.fail(words.at(-1)!.at, 'a value is missing behind this');
    return word;
  };
  const number = (): number => {
    const word = value();
    if (!/^\d+$/.test(word.text)) context.fail(word.at, `'${word.text}' is not a number`);
    return Number(word.text);
  };
  while (next < words.length) {
    const word = value();
    if (word.text === 'via' || word.text === 'dev' || word.text === 'proto' || word.text === 'src') value();
    else if (word.text === 'advmss') change.advmss = number();
    else if (word.text === 'initcwnd') change.initcwnd = number();
    else if (word.text === 'initrwnd') change.initrwnd = number();
    else if (word.text === 'quickack') change.quickack = number() !== 0;
    else if (word.text === 'rto_min') change.rtoMinMs = milliseconds(context, value());
    else if (word.text === 'mtu') {
      change.mtuLocked = words[next]?.text === 'lock';
      if (change.mtuLocked) next++;
      change.mtu = number();
    } else context.fail(word.at, `unknown route option '${word.text}'`);
  }
  return change;
}

/** `5ms`, `1s` or a bare number of milliseconds. */
function milliseconds(context: CommandContext, word: ShellWord): number {
  const match = /^(\d+)(ms|s)?$/.exec(word.text);
  if (match === null) context.fail(word.at, `'${word.text}' is not a time`, 'as in 5ms');
  return Number(match[1]) * (match[2] === 's' ? 1000 : 1);
}

/** tc(8): the root queue of the device is a pfifo; only its limit matters. */
export function changeQueue(context: CommandContext): number {
  const words = context.command.words.map(({ text }) => text);
  const kind = words.indexOf('root') + 1;
  if (words[1] !== 'qdisc' || !['add', 'replace', 'change', 'del'].includes(words[2] ?? '')) {
    context.fail(
      context.command.at,
      'this tc command is not built',
      'tc qdisc replace dev DEVICE root pfifo [limit N]',
    );
  }
  if (words[2] === 'del') {
    context.host.setQueueLimit(DEFAULT_QUEUE);
    return 0;
  }
  if (kind === 0 || words[kind] !== 'pfifo') {
    context.fail(context.command.words[kind]?.at ?? context.command.at, 'only the pfifo queue is built');
  }
  const limit = words.indexOf('limit');
  const packets = limit < 0 ? DEFAULT_QUEUE : Number(words[limit + 1]);
  if (!Number.isInteger(packets))
    context.fail(context.command.words[limit]!.at, "'limit' takes a number of packets");
  context.host.setQueueLimit(packets);
  return 0;
}

const DEFAULT_QUEUE = 1000;
