/**
 * Options that not every system has: where they are missing, setsockopt() and getsockopt() say ENOPROTOOPT, as POSIX
 * asks. TCP_ options steer the TCP of the simulator and are there on every host.
 */
import type { ProfileName } from '../profile.ts';

const LINUX: readonly ProfileName[] = ['linux'];

const SYSTEMS: Readonly<Record<string, readonly ProfileName[]>> = {
  SO_REUSEPORT: ['linux', 'freebsd'],
  SO_REUSEPORT_LB: ['freebsd'],
  SO_EXCLUSIVEADDRUSE: ['windows'],
  SO_BINDTODEVICE: LINUX,
  SO_BINDTOIFINDEX: LINUX,
  SO_SNDBUFFORCE: LINUX,
  SO_RCVBUFFORCE: LINUX,
  SO_NO_CHECK: LINUX,
  IP_MTU: LINUX,
  IP_MTU_DISCOVER: LINUX,
  IP_RECVERR: LINUX,
  IP_FREEBIND: LINUX,
  IP_TRANSPARENT: LINUX,
  IP_BIND_ADDRESS_NO_PORT: LINUX,
  IP_LOCAL_PORT_RANGE: LINUX,
  IP_MULTICAST_ALL: LINUX,
};

/** Does the system have the option, as far as the profile says? @param name as in setsockopt(2): `SO_REUSEPORT` */
export function systemHasOption(profile: ProfileName, name: string): boolean {
  return !Object.hasOwn(SYSTEMS, name) || SYSTEMS[name]!.includes(profile);
}
