/** The rules of a profile for the machine; null = Linux's, which are built in. */
import type { ProfileName } from '../profile.ts';
import { FREEBSD_RULES } from './freebsd.ts';
import { RFC_RULES } from './rfc.ts';
import type { SocketRules } from './socket-rules.ts';
import { WINDOWS_RULES } from './windows.ts';

const RULES: Readonly<Record<ProfileName, SocketRules | null>> = {
  linux: null,
  freebsd: FREEBSD_RULES,
  windows: WINDOWS_RULES,
  rfc: RFC_RULES,
};

export function rulesOf(profile: ProfileName): SocketRules | null {
  return RULES[profile];
}
