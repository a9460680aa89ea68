/**
 * Who gets a packet: sockets of all kinds on a server, datagrams and SYNs from a client, and the executable
 * specification as the judge of every delivery that was seen.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ANY_V4, type IpAddress } from '../../src/packet/ip-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import type { Socket } from '../../src/sockets/api.ts';
import { connect, recv, sendAll, sleep } from '../../src/sockets/blocking.ts';
import type { Program } from '../../src/sockets/program.ts';
import { explainText } from '../../src/sockets/spec/explain.ts';
import type { HostSnapshot } from '../../src/sockets/spec/snapshot.ts';
import {
  ALWAYS,
  findPackets,
  icmp,
  network,
  networkProperty,
  receivedBy,
  type SeenPacket,
  type Stage,
  sentBy,
  type TestRun,
  tcp,
  udp,
} from '../../src/testing/index.ts';

const PORT = 4000;

interface SocketPlan {
  /** Bound to the wildcard, or to the server's address. */
  readonly any: boolean;
  readonly option: '' | 'SO_REUSEADDR' | 'SO_REUSEPORT';
  readonly device: boolean;
  /** UDP: connected to the client's first port. */
  readonly connected: boolean;
}

interface Plan {
  readonly sockets: readonly SocketPlan[];
  /** From which of the client's ports, to which port of the server. */
  readonly packets: readonly { readonly from: number; readonly to: number; readonly size: number }[];
}

const socketPlan = fc.record<SocketPlan>({
  any: fc.boolean(),
  option: fc.constantFrom('', 'SO_REUSEADDR', 'SO_REUSEADDR', 'SO_REUSEPORT', 'SO_REUSEPORT'),
  device: fc.boolean(),
  connected: fc.boolean(),
});
const plans = fc.record<Plan>({
  sockets: fc.array(socketPlan, { minLength: 1, maxLength: 5, size: 'max' }),
  packets: fc.array(
    fc.record({
      from: fc.constantFrom(5000, 5001, 5002),
      to: fc.constantFrom(PORT, PORT, PORT, PORT + 1),
      size: fc.integer({ min: 1, max: 4000 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

/** Made before the first packet: what the specification is asked about. */
interface Before {
  snapshot: HostSnapshot | null;
}

export const datagrams = networkProperty<Plan>({
  name: 'a datagram reaches the socket that the specification names, whole, or is answered by port unreachable',
  network: network({
    hosts: ['client', 'server'],
    routers: 1,
    impairments: { kinds: ['lose', 'duplicate', 'reorder'], most: 2 },
  }),
  input: plans,
  until: '3s',
  invariants: ALWAYS,
  play: (stage, plan) => {
    const before = snapshotBefore(stage);
    stage.start('server', holder(plan.sockets, 'udp', stage.address('server'), stage.address('client')));
    stage.start('client', sender(plan, stage.address('server')), { at: '20ms' });
    return (run) => {
      for (const packet of findPackets(run, receivedBy('server', udp()))) judge(packet, 'udp', before);
      for (const { data } of run.readings) {
        const number = data.view()[0]!;
        assert.equal(data.size, plan.packets[number]?.size, 'a datagram was read that was not sent so');
        assert.ok(
          data.view().every((byte) => byte === number),
          'a datagram was spoilt',
        );
      }
      const refused = findPackets(run, receivedBy('server', udp())).filter(({ dropped }) => dropped !== null);
      const answers = findPackets(run, sentBy('server', icmp({ type: 'unreachable', code: 3 })));
      assert.ok(answers.length >= Math.min(1, refused.length), 'a refused datagram had no answer');
    };
  },
});

export const listeners = networkProperty<Plan>({
  name: 'a SYN reaches the listener that the specification names, or is answered by a RST',
  network: network({ hosts: ['client', 'server'], routers: 0, impairments: false }),
  input: plans,
  until: '3s',
  invariants: ALWAYS,
  play: (stage, plan) => {
    const before = snapshotBefore(stage);
    stage.start('server', holder(plan.sockets, 'tcp', stage.address('server'), stage.address('client')));
    stage.start('client', caller(plan, stage.address('server')), { at: '20ms' });
    return (run) => {
      const syns = findPackets(run, receivedBy('server', tcp({ flags: 'SYN' })));
      for (const packet of syns) judge(packet, 'tcp', before);
      checkConnections(run);
    };
  },
});

export const groups = networkProperty<number>({
  name: 'a SO_REUSEPORT group shares its flows out, and a flow stays where it is',
  network: network({ hosts: ['client', 'server'], routers: 0, impairments: false }),
  input: fc.integer({ min: 2, max: 3 }),
  until: '3s',
  invariants: ALWAYS,
  play: (stage, members) => {
    const member: SocketPlan = { any: true, option: 'SO_REUSEPORT', device: false, connected: false };
    const plan = Array.from({ length: members }, () => member);
    stage.start('server', holder(plan, 'udp', stage.address('server'), stage.address('client')));
    const flows = Array.from({ length: 2 * FLOWS }, (_, i) => ({
      from: 5000 + (i % FLOWS),
      to: PORT,
      size: 1,
    }));
    stage.start('client', sender({ sockets: [], packets: flows }, stage.address('server')), { at: '20ms' });
    return (run) => {
      const homes = new Map<number, Set<string>>();
      for (const { transport, socket } of findPackets(run, receivedBy('server', udp()))) {
        const { srcPort } = transport as unknown as { srcPort: number };
        homes.set(srcPort, (homes.get(srcPort) ?? new Set()).add(String(socket)));
      }
      const used = new Set([...homes.values()].flatMap((sockets) => [...sockets]));
      assert.ok(
        [...homes.values()].every(({ size }) => size === 1),
        'a flow changed its socket',
      );
      assert.ok(used.size > 1, `${homes.size} flows went to one of ${members} members`);
    };
  },
});

/** That all of them go to one of two is as likely as 1 in 32,768. */
const FLOWS = 16;

function snapshotBefore(stage: Stage): Before {
  const before: Before = { snapshot: null };
  stage.at('15ms', (run) => {
    before.snapshot = run.network.host('server').socketSnapshot();
  });
  return before;
}

/** Is the socket that got it one that may? */
function judge(
  { ip, transport, device, socket, text }: SeenPacket,
  kind: string,
  { snapshot }: Before,
): void {
  const { srcPort, dstPort } = transport as unknown as { srcPort: number; dstPort: number };
  const { winners, sockets, candidates } = explainText(
    snapshot!,
    `${kind} ${ip!.src}:${srcPort} > ${ip!.dst}:${dstPort} dev ${device}`,
  );
  const owners = winners.map((id) => (sockets[id] ?? candidates.find((one) => one.id === id))!.owner);
  const fd = socket === null ? null : (/ fd (\d+) /.exec(socket)?.[1] ?? socket);
  const expected = owners.map((owner) => owner.split('/').at(-1)!);
  if (expected.length === 0) assert.equal(fd, null, `nobody should have got ${text}`);
  else
    assert.ok(
      expected.includes(String(fd)),
      `fd ${expected.join(' or ')} should have got ${text}, not ${socket}`,
    );
}

/** Data goes to the connection with its sender, and every refused SYN is reset. */
function checkConnections(run: TestRun): void {
  for (const packet of findPackets(run, receivedBy('server', tcp({ flags: 'ACK' })))) {
    const { srcPort } = packet.relative!;
    if (packet.socket !== null)
      assert.ok(packet.socket.includes(`:${srcPort}`), `${packet.text} went astray`);
  }
  for (const packet of findPackets(run, receivedBy('server', tcp({ flags: 'SYN' })))) {
    if (packet.socket !== null) continue;
    const reset = sentBy('server', tcp({ flags: 'RST,ACK', dstPort: packet.relative!.srcPort }));
    assert.equal(findPackets(run, reset).length, 1, `${packet.text} had no answer`);
  }
}

function holder(
  plans: readonly SocketPlan[],
  kind: 'tcp' | 'udp',
  own: IpAddress,
  client: IpAddress,
): Program {
  return function* ({ process, spawn }) {
    for (const { any, option, device, connected } of plans) {
      const socket = process.socket(kind) as Socket;
      if (option !== '') socket.setOption(option, 1);
      if (device) socket.setOption('SO_BINDTODEVICE', 'eth0');
      if (socket.bind({ address: any ? ANY_V4 : own, port: PORT }) < 0) continue;
      if (kind === 'tcp') socket.listen(8);
      else {
        if (connected) socket.connect({ address: client, port: 5000 });
        spawn(function* () {
          for (;;) yield* recv(socket, 10_000);
        });
      }
    }
    yield* sleep('1h');
    return 0;
  };
}

function sender({ packets }: Plan, to: IpAddress): Program {
  return function* ({ process }) {
    const sockets = new Map<number, Socket>();
    for (const [number, { from, to: port, size }] of packets.entries()) {
      const socket = sockets.get(from) ?? (process.socket('udp') as Socket);
      if (!sockets.has(from)) socket.bind({ address: ANY_V4, port: from });
      sockets.set(from, socket);
      yield* sendAll(socket, new Payload(new Uint8Array(size).fill(number)), 0, { address: to, port });
      yield* sleep('10ms');
    }
    yield* sleep('1h');
    return 0;
  };
}

function caller({ packets }: Plan, to: IpAddress): Program {
  return function* ({ process }) {
    for (const { from, to: port, size } of packets) {
      const socket = process.socket('tcp') as Socket;
      if (socket.bind({ address: ANY_V4, port: from }) < 0) continue;
      if ((yield* connect(socket, { address: to, port })) === 0) yield* sendAll(socket, Payload.zeros(size));
    }
    yield* sleep('1h');
    return 0;
  };
}
