/**
 * The commands of shell blocks, by name. A script of another project's suite calls its own helpers by path
 * (`../common/defaults.sh`): only the last part of a path counts.
 */

export const COMMAND_NAMES = [
  'true',
  'false',
  'exit',
  'set',
  'sysctl',
  'set_sysctls.py',
  'defaults.sh',
  'ip',
  'tc',
  'ethtool',
  'echo',
  'nstat',
  'grep',
] as const;

export type CommandName = (typeof COMMAND_NAMES)[number] | 'restore' | 'script';

/** Which command a word calls, or null: a file that puts sysctls back, another file to source, or a known name. */
export function commandKey(word: string): CommandName | null {
  const base = word.slice(word.lastIndexOf('/') + 1);
  if (word.startsWith('/tmp/sysctl_restore_')) return 'restore';
  const known = COMMAND_NAMES.find((name) => name === base);
  if (known !== undefined) return known;
  return word.includes('/') && base.endsWith('.sh') ? 'script' : null;
}
