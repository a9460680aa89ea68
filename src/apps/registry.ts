/** All built-in programs by name: what scenarios may start, and what the documentation lists. */
import { ConfigError } from '../sim/errors.ts';
import { nearest } from '../sim/nearest.ts';
import type { App } from './app.ts';
import { bulkReceiver } from './bulk-receiver.ts';
import { bulkSender } from './bulk-sender.ts';
import { cbrSender } from './cbr-sender.ts';
import { chatServer } from './chat-server.ts';
import { echoClient } from './echo-client.ts';
import { echoServer } from './echo-server.ts';
import { ftpClient } from './ftp-client.ts';
import { ftpServer } from './ftp-server.ts';
import { happyEyeballs } from './happy-eyeballs.ts';
import { httpClient } from './http-client.ts';
import { httpServer } from './http-server.ts';
import { lineClient } from './line-client.ts';
import { ping } from './ping.ts';
import { requestClient } from './request-client.ts';
import { requestServer } from './request-server.ts';
import { smtpClient } from './smtp-client.ts';
import { smtpServer } from './smtp-server.ts';
import { traceroute } from './traceroute.ts';
import { udpSink } from './udp-sink.ts';

const BUILT_IN = [
  echoServer,
  echoClient,
  httpServer,
  httpClient,
  ftpServer,
  ftpClient,
  smtpServer,
  smtpClient,
  bulkReceiver,
  bulkSender,
  udpSink,
  cbrSender,
  requestServer,
  requestClient,
  chatServer,
  lineClient,
  happyEyeballs,
  ping,
  traceroute,
] as const;

/** In the order in which people should meet them. Their parameters are checked by `launch`, whatever the caller knows of them. */
export const APPS: readonly App[] = BUILT_IN as unknown as readonly App[];

/** @throws ConfigError naming the nearest name when there is no such program */
export function appByName(name: string): App {
  const found = APPS.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = APPS.map((candidate) => candidate.name);
  const like = nearest(name, names);
  throw new ConfigError(
    `there is no program '${name}'`,
    [],
    like === null ? `one of ${names.join(', ')}` : `did you mean '${like}'?`,
  );
}
