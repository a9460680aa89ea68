/** Ping sockets: identifiers, what may be sent, who gets a reply. */
import { describe, expect, it } from 'vitest';
import { EADDRINUSE, EAGAIN, EDESTADDRREQ, EINVAL, EOPNOTSUPP } from '../../../src/network/errno.ts';
import { ANY_V6 } from '../../../src/packet/ip-address.ts';
import { Payload } from '../../../src/packet/payload.ts';
import { SECOND } from '../../../src/sim/time.ts';
import { POLLIN, type Received, type Socket } from '../../../src/sockets/api.ts';
import { endpointIn } from '../../support/families.ts';
import { endpoint, pair } from '../../support/lan.ts';

const to = endpoint('10.0.0.2:0');

/** An echo request as a program hands it over; identifier and checksum are the kernel's. */
function request(sequence: number, text: string): Payload {
  return Payload.text(`\x08\0\0\0\0\0\0${String.fromCharCode(sequence)}${text}`);
}

describe('a ping socket', () => {
  it('gets replies to its own requests only', () => {
    const network = pair();
    const owner = network.host('a').newProcess('test');
    const [one, other] = [owner.socket('icmp') as Socket, owner.socket('icmp') as Socket];
    expect(one.send(request(1, 'abc'), 0, to)).toBe(11);
    expect(other.send(request(7, ''), 0, to)).toBe(8);
    network.run({ until: SECOND });
    const reply = one.recv(100) as Received;
    expect([...reply.data.view()].filter((_, i) => i !== 2 && i !== 3)).toEqual([
      0, 0, 0, 1, 0, 1, 97, 98, 99,
    ]);
    expect(reply).toMatchObject({ ttl: 64, fullSize: 11, from: { address: to.address } });
    expect(one.recv(100)).toBe(-EAGAIN);
    expect(other.poll() & POLLIN).toBe(POLLIN);
    expect((other.recv(4) as Received).data.size).toBe(4);
    expect([one.localName().port, other.localName().port]).toEqual([1, 2]);
  });

  it('refuses what is no echo request, or has nowhere to go', () => {
    const owner = pair().host('a').newProcess('test');
    const socket = owner.socket('icmp') as Socket;
    expect(socket.send(Payload.text('\x08\0\0\0'), 0, to)).toBe(-EINVAL);
    expect(socket.send(Payload.zeros(8), 0, to)).toBe(-EINVAL);
    expect(socket.send(request(1, ''))).toBe(-EDESTADDRREQ);
    expect(socket.listen(1)).toBe(-EOPNOTSUPP);
  });

  it('holds its identifier until it is closed', () => {
    const owner = pair().host('a').newProcess('test');
    const [one, other] = [owner.socket('icmp') as Socket, owner.socket('icmp') as Socket];
    const local = endpoint('10.0.0.1:4000');
    expect(one.bind(local)).toBe(0);
    expect(other.bind(local)).toBe(-EADDRINUSE);
    one.close();
    expect(other.bind(local)).toBe(0);
  });

  it('asks over IPv6 what it is, and shares identifiers with its IPv4 siblings', () => {
    const network = pair({ family: 6 });
    const owner = network.host('a').newProcess('test');
    const [old, six] = [owner.socket('icmp') as Socket, owner.socket('icmp6') as Socket];
    const peer = endpointIn(6, '10.0.0.2:0');
    const asking = Payload.text('\x00\0\0\0\0\0\0\x07abc');
    asking.bytes[0] = 128;
    expect(old.bind(endpoint('0.0.0.0:9'))).toBe(0);
    expect(six.bind({ address: ANY_V6, port: 9 })).toBe(-EADDRINUSE);
    expect(six.send(request(1, ''), 0, peer)).toBe(-EINVAL); // type 8 is IPv4's
    expect(six.send(asking, 0, { address: endpoint('10.0.0.2:0').address.mapped(), port: 0 })).toBe(-EINVAL);
    expect(six.send(asking, 0, peer)).toBe(11);
    network.run({ until: SECOND });
    const reply = six.recv(100) as Received;
    expect([...reply.data.view()].filter((_, i) => i !== 2 && i !== 3)).toEqual([
      129, 0, 0, 1, 0, 7, 97, 98, 99,
    ]);
    expect(reply).toMatchObject({ ttl: 64, fullSize: 11, from: { address: peer.address } });
    expect(old.recv(100)).toBe(-EAGAIN);
  });
});
