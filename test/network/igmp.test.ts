/** Membership reports as Linux 6.18 was seen to send them. */
import { describe, expect, it } from 'vitest';
import { IgmpMessage } from '../../src/network/igmp.ts';
import { PROTOCOL_IGMP } from '../../src/network/ip-packet.ts';
import { Ipv4Packet } from '../../src/network/ipv4.ts';
import { SECOND } from '../../src/sim/time.ts';
import { ip, type Node, Nodes, PLAIN, watch } from './nodes.ts';

const GROUP = ip('224.1.2.3');

describe('a host that joins', () => {
  it('tells it twice, in one report for all changes, with TTL 1 and router alert', () => {
    const { nodes, host, sent } = link();
    host.stack.joinGroup(GROUP, host.devices[0]!);
    host.stack.joinGroup(ip('224.5.6.7'), host.devices[0]!);
    nodes.simulator.run();
    const wanted = 'igmp v3 report, 2 group record(s) [224.1.2.3 to_ex, 224.5.6.7 to_ex]';
    expect(sent()).toEqual([wanted, wanted]);
    const [first] = packets(host);
    expect([first!.ttl, first!.tos, String(first!.dst), first!.df]).toEqual([1, 0xc0, '224.0.0.22', true]);
    expect(first!.options).toEqual(new Uint8Array([148, 4, 0, 0]));
  });

  it('and leaves before the repetition tells only the leaving from then on', () => {
    const { nodes, host, sent } = link();
    host.stack.joinGroup(GROUP, host.devices[0]!);
    nodes.simulator.run({ until: 0.008 * SECOND });
    host.stack.leaveGroup(GROUP, host.devices[0]!);
    nodes.simulator.run();
    expect(sent().map((text) => text.slice(-6, -1))).toEqual(['to_ex', 'to_in', 'to_in']);
  });

  it('does not tell of a second member, nor of all-hosts', () => {
    const { nodes, host, sent } = link();
    host.stack.joinGroup(GROUP, host.devices[0]!);
    nodes.simulator.run();
    host.stack.joinGroup(GROUP, host.devices[0]!);
    host.stack.leaveGroup(GROUP, host.devices[0]!);
    host.stack.joinGroup(ip('224.0.0.1'), host.devices[0]!);
    nodes.simulator.run();
    expect(sent()).toHaveLength(2);
  });
});

describe('an interface', () => {
  it('switched off says nothing any more, and on tells its groups anew', () => {
    const { nodes, host, sent } = link();
    host.stack.joinGroup(GROUP, host.devices[0]!);
    host.devices[0]!.setEnabled(false);
    nodes.simulator.run();
    expect(sent()).toEqual([]);
    host.devices[0]!.setEnabled(true);
    nodes.simulator.run();
    expect(sent()).toHaveLength(2);
  });
});

describe('a query', () => {
  it('of version 3 is answered by one report within the time it gives', () => {
    const { nodes, host, sent, query } = link();
    host.stack.joinGroup(GROUP, host.devices[0]!);
    nodes.simulator.run();
    query(new IgmpMessage(0x11, 10, ip('0.0.0.0'), 12), '224.0.0.1');
    const asked = nodes.simulator.now;
    nodes.simulator.run();
    expect(sent().slice(2)).toEqual(['igmp v3 report, 1 group record(s) [224.1.2.3 is_ex]']);
    expect(nodes.simulator.now - asked).toBeLessThan(1.1 * SECOND);
  });

  it('of version 2 makes the host speak version 2, and say when it leaves', () => {
    const { nodes, host, sent, query } = link();
    host.stack.joinGroup(GROUP, host.devices[0]!);
    nodes.simulator.run();
    query(new IgmpMessage(0x11, 10, ip('0.0.0.0')), '224.0.0.1');
    nodes.simulator.run();
    host.stack.leaveGroup(GROUP, host.devices[0]!);
    nodes.simulator.run();
    expect(sent().slice(2)).toEqual(['igmp report 224.1.2.3', 'igmp leave 224.1.2.3']);
  });
});

const outputs = new WeakMap<Node, ReturnType<typeof watch>>();

function packets(node: Node): Ipv4Packet[] {
  return outputs.get(node)!.flatMap(({ payload }) => (payload instanceof Ipv4Packet ? [payload] : []));
}

/** A host and a querier on one link. */
function link() {
  const nodes = new Nodes();
  const host = nodes.add('host', ['10.0.0.1/24']);
  const querier = nodes.add('querier', ['10.0.0.2/24']);
  nodes.link(host.devices[0]!, querier.devices[0]!);
  outputs.set(host, watch(host.devices[0]!));
  const sent = (): string[] => packets(host).map(({ payload }) => payload.format());
  const query = (message: IgmpMessage, to: string): void => {
    querier.stack.send(ip('10.0.0.2'), ip(to), PROTOCOL_IGMP, message, PLAIN);
  };
  return { nodes, host, sent, query };
}
