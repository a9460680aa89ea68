/** All TCP connections of a network as they stand now, for invariants that look on. */
import type { Network } from '../../node/network.ts';
import { TcpSocket } from '../../sockets/tcp/tcp-socket.ts';
import type { Tcb } from '../../transport/tcp/tcb.ts';

export interface LiveConnection {
  readonly host: string;
  readonly socket: TcpSocket;
  readonly tcb: Readonly<Tcb>;
}

/** Connections that sockets have, also those that are over and wait for their data to be read. */
export function* connectionsOf(network: Network): Generator<LiveConnection> {
  for (const host of network.hosts) {
    for (const socket of host.sockets.sockets) {
      if (socket instanceof TcpSocket && socket.connection !== null)
        yield { host: host.name, socket, tcb: socket.connection.tcb };
    }
  }
}

/** `10.0.0.2:5678 <-> 10.0.0.1:80, ESTABLISHED` */
export function connectionName({ tcb }: LiveConnection): string {
  const { localAddress, localPort, remoteAddress, remotePort } = tcb.quad;
  return `${localAddress}:${localPort} <-> ${remoteAddress}:${remotePort}, ${tcb.state}`;
}
