/** All kernel parameters of the network floor, both families, before there are interfaces. */
import { IPV4_SYSCTLS } from './ipv4-sysctls.ts';
import { IPV6_SYSCTLS } from './ipv6-sysctls.ts';
import type { SysctlTable } from './sysctls.ts';

export const NETWORK_SYSCTLS: SysctlTable = { ...IPV4_SYSCTLS, ...IPV6_SYSCTLS };
