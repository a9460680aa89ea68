/** What can be seen before a run: sockets, options and programs that a host's profile does not have. */

import type { IpAddress } from '../../packet/ip-address.ts';
import { systemHasOption } from '../../sockets/options/by-system.ts';
import type { ProfileName } from '../../sockets/profile.ts';
import type { Call } from '../calls/syntax.ts';
import type { AppSpec } from '../schema/programs.ts';
import { type CheckContext, own, type Path } from './context.ts';

/** Whose socket rules a host or router follows. */
export function profileOf({ scenario }: CheckContext, host: string): ProfileName {
  const spec = own(scenario.hosts, host);
  return spec === undefined ? 'linux' : (spec.profile ?? scenario.profile); // routers are Linux
}

/** socket() and setsockopt() of an inline program. */
export function checkCallOnProfile(context: CheckContext, path: Path, call: Call, host: string): void {
  const profile = profileOf(context, host);
  if (profile === 'linux') return;
  const { action, expected } = call;
  if (action.call === 'socket' && (action.type === 'tcp6' || action.type === 'udp6')) {
    context.report(path, `profile '${profile}' of '${host}' does not define IPv6 sockets`, 'tcp or udp');
  }
  if (action.call !== 'setsockopt' && action.call !== 'getsockopt') return;
  const { option } = action;
  const mayFail = expected.kind === 'errno' || expected.kind === 'anything';
  if (mayFail || systemHasOption(profile, option)) return;
  context.findings.push({
    path,
    message: `profile '${profile}' of '${host}' has no option '${option}'`,
    expected: `= ENOPROTOOPT behind the call when that is the lesson`,
    word: option,
  });
}

/** Programs open IPv6 sockets where their addresses are IPv6 ones; ping needs none. */
export function checkFamilyOnProfile(
  context: CheckContext,
  path: Path,
  { run, host }: AppSpec,
  address: IpAddress,
): void {
  const profile = profileOf(context, host);
  if (profile === 'linux' || run === 'ping' || address.unmapped().family === 4) return;
  context.report(path, `profile '${profile}' of '${host}' does not define IPv6 sockets`, 'an IPv4 address');
}

/** traceroute reads ICMP errors from the error queue, which only Linux has. */
export function checkAppOnProfile(context: CheckContext, path: Path, app: string, host: string): void {
  const profile = profileOf(context, host);
  if (app !== 'traceroute' || profile === 'linux') return;
  const message = `profile '${profile}' of '${host}' has no IP_RECVERR, by which traceroute hears of ICMP errors`;
  context.report([...path, 'run'], message, 'a host with profile linux');
}
