/** poll and epoll. The events that come back are compared with those that the script states. */
import { EBADF, EEXIST, EINVAL, ENOENT } from '../../../network/errno.ts';
import { MILLISECOND, type Nanos, NEVER } from '../../../sim/time.ts';
import { POLLIN, POLLOUT, type Socket } from '../../../sockets/api.ts';
import { poll as blockingPoll, type PollRequest } from '../../../sockets/blocking.ts';
import type { Running } from '../../../sockets/program.ts';
import { EPOLL } from '../symbols.ts';
import type { CallContext } from './call-context.ts';
import { EpollSet } from './epoll-set.ts';
import type { EpollFile } from './file-table.ts';

const POLLNVAL = 0x020;
const POLLRDNORM = 0x040;
const POLLWRNORM = 0x100;

/** poll([{fd=3, events=POLLIN, revents=POLLIN}], 1, timeout) */
export function* poll(context: CallContext): Running {
  context.expectArguments(3);
  const list = context.arg(0);
  if (list.kind !== 'list') context.fail(list.at, 'this is no list of descriptors', '[{fd=…}, …]');
  const wanted = list.items.map((item) => {
    const fields = context.fieldsOf(item, ['fd', 'events', 'revents']);
    const number = (name: string): number => {
      const field = fields.get(name);
      return field === undefined ? 0 : context.integerOf(field);
    };
    return { fd: number('fd'), events: number('events'), revents: number('revents') };
  });
  const requests = wanted.map(({ fd, events }): PollRequest => {
    const file = context.env.files.get(fd);
    return file?.kind === 'socket'
      ? { socket: withNormalBand(file.socket), events }
      : { socket: NO_SOCKET, events: POLLNVAL };
  });
  const ready = yield* blockingPoll(requests, timeout(context.integer(2)));
  for (const [i, { fd, revents }] of wanted.entries()) {
    if (ready[i] !== revents) {
      context.problems.push(`revents of fd ${fd} is ${events(ready[i]!)}, expected ${events(revents)}`);
    }
  }
  return ready.filter((flags) => flags !== 0).length;
}

/** What is readable is so in the normal band, too: POLLRDNORM beside POLLIN, POLLWRNORM beside POLLOUT. */
function withNormalBand(socket: Socket): PollRequest['socket'] {
  return {
    poll: () => {
      const ready = socket.poll();
      return ready | ((ready & POLLIN) !== 0 ? POLLRDNORM : 0) | ((ready & POLLOUT) !== 0 ? POLLWRNORM : 0);
    },
    wait: (wake) => socket.wait(wake),
  };
}

/** A descriptor that is not open: POLLNVAL at once. */
const NO_SOCKET = { poll: () => POLLNVAL, wait: () => {} };

/** epoll_create(size) */
export function epollCreate(context: CallContext): number {
  context.expectArguments(1);
  if (context.integer(0) <= 0) return -EINVAL;
  context.env.files.addEpoll(context.call.result, new EpollSet());
  return context.call.result;
}

/** epoll_ctl(ep, EPOLL_CTL_ADD, fd, {events=EPOLLIN, fd=4}) */
export function epollCtl(context: CallContext): number {
  context.expectArguments(4);
  const epoll = epollFile(context);
  if (typeof epoll === 'number') return epoll;
  const fd = context.integer(2);
  const file = context.env.files.get(fd);
  if (file?.kind !== 'socket') return -EBADF;
  const operation = context.integer(1);
  if (operation === EPOLL.EPOLL_CTL_DEL) return epoll.set.remove(fd) ? 0 : -ENOENT;
  const { events: flags, data } = eventOf(context, 3);
  if (operation === EPOLL.EPOLL_CTL_ADD) return epoll.set.add(fd, file.socket, flags, data) ? 0 : -EEXIST;
  return operation === EPOLL.EPOLL_CTL_MOD && epoll.set.modify(fd, flags, data) ? 0 : -ENOENT;
}

/** epoll_wait(ep, {events=EPOLLIN, fd=4}, max, timeout) */
export function* epollWait(context: CallContext): Running {
  context.expectArguments(4);
  const epoll = epollFile(context);
  if (typeof epoll === 'number') return epoll;
  const max = context.integer(2);
  if (max <= 0) return -EINVAL;
  let left = timeout(context.integer(3));
  let ready = epoll.set.collect(max);
  while (ready.length === 0 && left > 0) {
    left = yield { call: 'epoll_wait', on: epoll.set.sockets, timeout: left, until: NEVER };
    ready = epoll.set.collect(max);
  }
  const first = ready[0];
  if (first !== undefined) {
    const expected = eventOf(context, 1);
    if (first.events !== expected.events || first.data !== expected.data) {
      context.problems.push(
        `epoll_wait gave ${events(first.events)} for fd ${first.data}, expected ${events(expected.events)} for fd ${expected.data}`,
      );
    }
  }
  return ready.length;
}

function epollFile(context: CallContext): EpollFile | number {
  const file = context.env.files.get(context.integer(0));
  if (file === undefined) return -EBADF;
  return file.kind === 'epoll' ? file : -EINVAL;
}

function eventOf(context: CallContext, index: number): { events: number; data: number } {
  const fields = context.fieldsOf(context.arg(index), ['events', 'fd', 'ptr', 'u32', 'u64']);
  const flags = fields.get('events');
  const data = fields.get('fd') ?? fields.get('ptr') ?? fields.get('u32') ?? fields.get('u64');
  return {
    events: flags === undefined ? 0 : context.integerOf(flags),
    data: data === undefined ? 0 : context.integerOf(data),
  };
}

/** Milliseconds as poll(2) takes them; a negative number is no limit. */
function timeout(milliseconds: number): Nanos {
  return milliseconds < 0 ? NEVER : milliseconds * MILLISECOND;
}

const EVENT_NAMES: readonly (readonly [bit: number, name: string])[] = [
  [0x001, 'IN'],
  [0x002, 'PRI'],
  [0x004, 'OUT'],
  [0x008, 'ERR'],
  [0x010, 'HUP'],
  [0x020, 'NVAL'],
  [0x2000, 'RDHUP'],
];

function events(flags: number): string {
  const set = EVENT_NAMES.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return set.length === 0 ? '0' : set.join('|');
}
