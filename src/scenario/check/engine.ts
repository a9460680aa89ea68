/** What only the engine knows: its sysctls and its socket options. */
import { defineInterfaceSysctls } from '../../network/ipv4-sysctls.ts';
import { defineIpv6InterfaceSysctls } from '../../network/ipv6-sysctls.ts';
import { NETWORK_SYSCTLS } from '../../network/network-sysctls.ts';
import { Sysctls, type SysctlValue } from '../../network/sysctls.ts';
import { ConfigError } from '../../sim/errors.ts';
import { IP_OPTIONS } from '../../sockets/options/ip-level.ts';
import { IPV6_OPTIONS } from '../../sockets/options/ipv6-level.ts';
import { SOCKET_OPTIONS } from '../../sockets/options/socket-level.ts';
import { TCP_OPTIONS } from '../../sockets/options/tcp-level.ts';
import { UDP_OPTIONS } from '../../sockets/options/udp-level.ts';
import { SOCKET_SYSCTLS } from '../../sockets/sysctls.ts';
import { TCP_SYSCTLS } from '../../transport/tcp/sysctls.ts';
import type { Call } from '../calls/syntax.ts';
import { type CheckContext, nearestWord, type Path } from './context.ts';

const OPTION_NAMES = [SOCKET_OPTIONS, IP_OPTIONS, IPV6_OPTIONS, TCP_OPTIONS, UDP_OPTIONS].flatMap(
  Object.keys,
);

export function checkEngine(context: CheckContext): void {
  const { scenario } = context;
  for (const section of ['hosts', 'routers'] as const)
    for (const [name, { sysctls, interfaces }] of Object.entries(scenario[section]))
      for (const [key, value] of Object.entries(sysctls))
        checkSysctl(context, [section, name, 'sysctls', key], key, value, Object.keys(interfaces), true);
  for (const [index, action] of scenario.timeline.entries())
    if (action.do === 'set') {
      const interfaces = Object.keys(context.ipNode(action.host)?.interfaces ?? {});
      checkSysctl(context, ['timeline', index, 'sysctl'], action.sysctl, action.value, interfaces, false);
    }
}

/** Options that are set or read must exist, unless the lesson is that they do not. */
export function checkOption(context: CheckContext, path: Path, { action, expected }: Call): void {
  if (action.call !== 'setsockopt' && action.call !== 'getsockopt') return;
  const { option } = action;
  if (OPTION_NAMES.includes(option) || expected.kind === 'errno' || expected.kind === 'anything') return;
  context.findings.push({
    path,
    message: `there is no socket option '${option}'`,
    expected: 'a name as in socket(7), ip(7), ipv6(7), tcp(7) or udp(7), such as SO_REUSEADDR',
    suggestion: nearestWord(option, OPTION_NAMES),
    word: option,
  });
}

function checkSysctl(
  context: CheckContext,
  path: Path,
  name: string,
  value: SysctlValue,
  interfaces: readonly string[],
  atKey: boolean,
): void {
  try {
    const sysctls = new Sysctls([NETWORK_SYSCTLS, TCP_SYSCTLS, SOCKET_SYSCTLS]);
    for (const device of ['lo', ...interfaces]) {
      defineInterfaceSysctls(sysctls, device);
      defineIpv6InterfaceSysctls(sysctls, device);
    }
    sysctls.set(name, value);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const suggestion = /^did you mean '(.*)'\?$/.exec(error.expected ?? '')?.[1];
    const expected = suggestion === undefined ? error.expected : undefined;
    context.findings.push({ path, message: error.message, expected, suggestion, atKey });
  }
}
