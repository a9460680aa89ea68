/** The run as one JSON document, with the keys that scripts outside the project rely on. */

import { dissect } from '../../observe/dissect.ts';
import { endpointText } from '../../packet/endpoint-text.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import { formatPrefix } from '../../packet/prefix.ts';
import type { ScenarioRun } from '../../scenario/build/run.ts';
import type { Verdict } from '../../scenario/expect/verdict.ts';
import { formatEnd } from '../../scenario/schema/links.ts';
import { TcpSegment } from '../../transport/tcp/header.ts';
import { UdpDatagram } from '../../transport/udp.ts';

/** @param file the scenario's file as the user named it @param wallSeconds what the run took on this machine */
export function runDocument(
  run: ScenarioRun,
  verdicts: readonly Verdict[],
  file: string,
  wallSeconds: number,
): object {
  const { network, scenario } = run;
  const { simulator } = network;
  return {
    scenario: { file, title: scenario.title },
    seed: network.random.seed,
    profile: scenario.profile,
    fingerprint: simulator.fingerprint.toString(),
    simTimeNs: simulator.now,
    events: simulator.events,
    wallSeconds,
    expectations: verdicts.map(({ name, ok, detail }) => ({ name, ok, detail })),
    hosts: hostEntries(run),
    links: linkEntries(run),
    sockets: socketEntries(run),
    flows: flowEntries(run),
  };
}

function hostEntries({ network, programs }: ScenarioRun): object[] {
  return network.hosts.map((host) => ({
    name: host.name,
    kind: host.kind,
    addresses: host.addresses.map(formatPrefix),
    drops: Object.fromEntries(host.dropped()),
    programs: [...programs.runs.values()]
      .filter((program) => program.host === host)
      .map(({ name, spec, task, statistics, records }) => ({
        name,
        run: spec.run,
        state: task.state,
        status: task.status,
        waitsIn: task.waitsIn,
        ...(statistics === null ? { calls: records.length } : { statistics }),
      })),
    printed: host.printed.map(({ time, program, line }) => ({ timeNs: time, program, line })),
  }));
}

function linkEntries({ network, scenario }: ScenarioRun): object[] {
  return network.cables.map(({ name, link }) => {
    const between = scenario.links[name]!.between.map(formatEnd);
    if (link === null) return { name, between };
    const directions = [link.a, link.b].map((device, end) => ({
      from: between[end],
      frames: device.txFrames,
      bytes: device.txBytes,
      drops: Object.fromEntries(device.drops.entries()),
    }));
    return { name, between, directions };
  });
}

function socketEntries(run: ScenarioRun): object[] {
  return run.network.hosts.flatMap((host) =>
    host.sockets.rows().map((row) => ({
      host: host.name,
      ...row,
      localAddress: String(row.localAddress),
      remoteAddress: String(row.remoteAddress),
    })),
  );
}

/** One entry for each five-tuple and direction, counted where the packets left the host that sent them. */
function flowEntries({ recorder, network }: ScenarioRun): object[] {
  const owners = new Map(
    network.hosts.flatMap((host) => host.addresses.map(({ address }) => [address, host.name])),
  );
  const flows = new Map<
    string,
    { protocol: string; src: string; dst: string; packets: number; bytes: number }
  >();
  for (const { frame, node, direction } of recorder.frames) {
    const { ip, transport } = dissect(frame);
    if (direction !== 'out' || ip === null) continue;
    if (!(transport instanceof TcpSegment || transport instanceof UdpDatagram)) continue;
    if ((owners.get(ip.src) ?? node) !== node) continue; // forwarded
    const protocol = transport instanceof TcpSegment ? 'tcp' : 'udp';
    const src = endText(ip.src, transport.srcPort);
    const dst = endText(ip.dst, transport.dstPort);
    const key = `${protocol} ${src} ${dst}`;
    const flow = flows.get(key) ?? { protocol, src, dst, packets: 0, bytes: 0 };
    flows.set(key, flow);
    flow.packets++;
    flow.bytes += transport.payload.size;
  }
  return [...flows.values()];
}

/** `10.0.0.1:80` or `[fd00::1]:80` */
function endText(address: IpAddress, port: number): string {
  return endpointText(address, port);
}
