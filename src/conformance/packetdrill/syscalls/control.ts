/** fcntl and ioctl. */
import { EBADF, EINVAL } from '../../../network/errno.ts';
import type { QueueRequest } from '../../../sockets/api.ts';
import { FILE_CONTROL, IOCTLS } from '../symbols.ts';
import type { CallContext } from './call-context.ts';

/** fcntl(fd, F_GETFL), fcntl(fd, F_SETFL, flags): O_NONBLOCK is the one flag that sockets heed. */
export function fcntl(context: CallContext): number {
  context.expectArguments(2, 3);
  const file = context.env.files.get(context.integer(0));
  if (file === undefined) return -EBADF;
  const command = context.integer(1);
  if (file.kind === 'epoll' || command === FILE_CONTROL.F_GETFD || command === FILE_CONTROL.F_SETFD) return 0;
  if (command === FILE_CONTROL.F_GETFL) {
    return FILE_CONTROL.O_RDWR | (file.nonblocking ? FILE_CONTROL.O_NONBLOCK : 0);
  }
  if (command !== FILE_CONTROL.F_SETFL) return -EINVAL;
  file.nonblocking = (context.integer(2) & FILE_CONTROL.O_NONBLOCK) !== 0;
  return 0;
}

/** ioctl(fd, SIOCINQ, [n]): the answer is compared with n. */
export function ioctl(context: CallContext): number {
  context.expectArguments(3);
  const file = context.socketFile();
  if (typeof file === 'number') return file;
  const request = requestName(context.integer(1));
  if (request === null)
    context.fail(context.arg(1).at, 'this ioctl is not built', Object.keys(IOCTLS).join(', '));
  const answer = file.socket.ioctl(request);
  if (answer < 0) return answer;
  const expected = context.integerInList(2);
  if (answer !== expected) context.problems.push(`${request} gave ${answer}, expected ${expected}`);
  return 0;
}

function requestName(request: number): QueueRequest | null {
  if (request === IOCTLS.SIOCINQ) return 'SIOCINQ';
  if (request === IOCTLS.SIOCOUTQ) return 'SIOCOUTQ';
  if (request === IOCTLS.SIOCOUTQNSD) return 'SIOCOUTQNSD';
  return request === IOCTLS.SIOCATMARK ? 'SIOCATMARK' : null;
}
