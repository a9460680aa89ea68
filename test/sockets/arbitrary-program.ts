/** Random programs of socket calls and packets, in the operations of the kernel corpus; many of them are nonsense. */
import fc from 'fast-check';
import type { Operation } from '../../src/conformance/sockets/case.ts';

const SOCKETS = 5;
const socket = fc.integer({ min: 0, max: SOCKETS });
const port = fc.constantFrom(0, 80, 5000, 5001, 7000, 7100);
const local = fc.constantFrom(
  '0.0.0.0',
  '10.0.0.1',
  '10.0.0.2',
  '127.0.0.1',
  '10.0.0.255',
  '239.1.1.1',
  '10.0.0.99',
);
const remote = fc.constantFrom(
  '10.0.0.10',
  '10.0.0.11',
  '127.0.0.1',
  '10.0.0.1',
  '10.0.0.255',
  '192.0.2.1',
  '0.0.0.0',
);
const device = fc.constantFrom('eth0', 'eth1');
const sender = fc.constantFrom('10.0.0.10', '10.0.0.11');
const senderPort = fc.constantFrom(1111, 7000);
const target = fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.1.1');
const targetPort = fc.constantFrom(5000, 5001);

function operation(name: string, ...operands: readonly fc.Arbitrary<unknown>[]): fc.Arbitrary<Operation> {
  return fc.tuple(fc.constant(name), ...operands) as fc.Arbitrary<Operation>;
}

const option = fc.oneof(
  operation(
    'opt',
    socket,
    fc.constantFrom('REUSEADDR', 'REUSEPORT', 'BROADCAST', 'FREEBIND', 'BIND_NO_PORT'),
    fc.constantFrom(0, 1),
  ),
  operation('opt', socket, fc.constant('BINDTODEVICE'), fc.constantFrom('', 'eth0', 'lo', 'wlan9')),
  operation('opt', socket, fc.constant('LINGER'), fc.constantFrom(-1, 0, 5)),
  operation('opt', socket, fc.constant('JOIN'), fc.constant(['239.1.1.1', '10.0.0.1'])),
  operation('opt', socket, fc.constant('NO_SUCH'), fc.constant(1)),
);

/** Calls on sockets, most of which exist. */
export const socketCall: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: operation('socket', fc.constantFrom('tcp', 'udp')) },
  { weight: 3, arbitrary: option },
  { weight: 4, arbitrary: operation('bind', socket, local, port) },
  { weight: 2, arbitrary: operation('listen', socket, fc.integer({ min: -1, max: 3 })) },
  { weight: 2, arbitrary: operation('accept', socket) },
  { weight: 4, arbitrary: operation('connect', socket, remote, port) },
  { weight: 1, arbitrary: operation('disconnect', socket) },
  { weight: 2, arbitrary: operation('send', socket, fc.constantFrom(0, 1, 3000)) },
  { weight: 2, arbitrary: operation('sendto', socket, fc.constantFrom(0, 3, 65508), remote, port) },
  { weight: 2, arbitrary: operation('recv', socket, fc.constantFrom(0, 1, 100)) },
  { weight: 1, arbitrary: operation('shutdown', socket, fc.constantFrom('rd', 'wr', 'rdwr', 7)) },
  { weight: 2, arbitrary: operation('close', socket) },
  {
    weight: 1,
    arbitrary: operation(
      'bindraw',
      socket,
      fc.constantFrom(0, 2, 10),
      local,
      port,
      fc.constantFrom(1, 16, 200),
    ),
  },
  {
    weight: 1,
    arbitrary: operation(
      'connectraw',
      socket,
      fc.constantFrom(0, 2, 10),
      local,
      port,
      fc.constantFrom(1, 2, 16),
    ),
  },
  { weight: 1, arbitrary: operation('getsockname', socket) },
  { weight: 1, arbitrary: operation('geterr', socket) },
);

/** Packets from the other end of the links. */
export const packet: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: operation('udp', device, sender, senderPort, target, targetPort) },
  {
    weight: 1,
    arbitrary: operation(
      'udp',
      device,
      sender,
      senderPort,
      fc.constantFrom('10.0.0.255', '239.1.1.1'),
      targetPort,
    ),
  },
  { weight: 3, arbitrary: operation('hs', device, sender, senderPort, target, targetPort) },
  { weight: 1, arbitrary: operation('syn', device, sender, senderPort, target, targetPort) },
  {
    weight: 1,
    arbitrary: operation('pdata', sender, senderPort, target, targetPort, fc.constantFrom(1, 500)),
  },
  { weight: 1, arbitrary: operation('pfin', sender, senderPort, target, targetPort) },
  { weight: 1, arbitrary: operation('prst', sender, senderPort, target, targetPort) },
  {
    weight: 2,
    arbitrary: operation(
      'seg',
      device,
      sender,
      senderPort,
      target,
      targetPort,
      fc.constantFrom('0', 'S', 'A', 'FA', 'R', 'SA', 'SF', 'UA'),
      fc.constantFrom('n+0', 'n+1', 'n-1', 5),
      fc.constantFrom('r+0', 'r+1', 7),
      fc.constantFrom(0, 3),
    ),
  },
  {
    weight: 1,
    arbitrary: operation(
      'icmp',
      device,
      sender,
      fc.constantFrom(0, 1, 3, 13),
      fc.constantFrom('tcp', 'udp'),
      target,
      targetPort,
      sender,
      senderPort,
    ),
  },
);

/** Whole programs. */
export const program: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof({ weight: 3, arbitrary: socketCall }, { weight: 1, arbitrary: packet }),
  { minLength: 5, maxLength: 40 },
);
