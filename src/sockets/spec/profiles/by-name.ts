/** The specification's profile for a name. */
import { profileByName } from '../../profiles.ts';
import type { SpecProfile } from '../profile.ts';
import { freebsd } from './freebsd.ts';
import { linux } from './linux.ts';
import { rfc } from './rfc.ts';
import { windows } from './windows.ts';

const PROFILES = { linux, freebsd, windows, rfc } as const;

/** @throws ConfigError for a name that is none */
export function specProfile(name: string): SpecProfile {
  return PROFILES[profileByName(name).name];
}
