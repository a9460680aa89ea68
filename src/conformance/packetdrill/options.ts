/**
 * `--name=value` at the top of a script, or given for all scripts by who runs them (these win). Names, defaults
 * and meanings are packetdrill's; a name that it does not have is an error.
 */
import { IpAddress } from '../../packet/ip-address.ts';
import { ConfigError } from '../../sim/errors.ts';
import type { Script, ScriptOption } from './ast.ts';
import { defaultsOf, FAMILY_OF_IP_VERSION, type ScriptFamily, wireFamily } from './family.ts';
import type { HostAddresses } from './host-under-test.ts';
import { ScriptError, suggestion } from './source.ts';
import { DEFAULT_TOLERANCE, type Tolerance } from './time.ts';
import type { TimestampRules } from './timestamp-map.ts';

export interface ScriptSettings {
  readonly family: ScriptFamily;
  readonly addresses: HostAddresses;
  /** Port that `bind(fd, ..., ...)` takes. */
  readonly bindPort: number;
  /** Port that `connect(fd, ..., ...)` asks for. */
  readonly connectPort: number;
  readonly tolerance: Tolerance;
  readonly timestamps: TimestampRules;
  /** Expected data is not put together from several segments. */
  readonly strictSegments: boolean;
  /** Longer inbound payloads arrive as one merged packet of segments of this size; 0 = never merged. */
  readonly mergeSize: number;
  /** Differences that are noted and do not fail the script. */
  readonly nonFatal: ReadonlySet<'packet' | 'syscall'>;
}

/** Options without effect here, and those that others act on. */
const IGNORED = ['send_omit_free', 'verbose', 'dry_run', 'define', 'persistent_tun_dev', 'init_scripts'];
const KNOWN = [
  'ip_version',
  'local_ip',
  'remote_ip',
  'gateway_ip',
  'netmask_ip',
  'bind_port',
  'connect_port',
  'mtu',
  'mss',
  'tolerance_usecs',
  'tolerance_percent',
  'tcp_ts_tick_usecs',
  'tcp_ts_ecr_scaled',
  'strict_segments',
  'non_fatal',
];

/** @param overrides options of the run, by name @throws ScriptError for an unknown option or a value that is none */
export function readOptions(script: Script, overrides: ReadonlyMap<string, string>): ScriptSettings {
  const given = new Map<string, ScriptOption>();
  for (const option of script.options) {
    if (!KNOWN.includes(option.name) && !IGNORED.includes(option.name)) {
      const like = suggestion(option.name, KNOWN);
      throw new ScriptError(script.source, option.at, `unknown option '--${option.name}'${like}`);
    }
    given.set(option.name, option);
  }
  for (const [name, value] of overrides) given.set(name, { at: 0, name, value });
  const reader = new OptionReader(script, given);
  reader.checkVersion();
  const defaults = defaultsOf(script.family);
  return {
    family: script.family,
    addresses: {
      local: reader.address('local_ip', defaults.local),
      remote: reader.address('remote_ip', defaults.remote),
      gateway: reader.address('gateway_ip', defaults.gateway),
      prefixLength: reader.prefixLength('netmask_ip', defaults.prefixLength),
      mtu: reader.integer('mtu', defaults.mtu),
    },
    bindPort: reader.integer('bind_port', 8080),
    connectPort: reader.integer('connect_port', 8080),
    tolerance: {
      usecs: reader.integer('tolerance_usecs', DEFAULT_TOLERANCE.usecs),
      percent: reader.decimal('tolerance_percent', DEFAULT_TOLERANCE.percent),
    },
    timestamps: {
      tickUsecs: reader.integer('tcp_ts_tick_usecs', 0),
      ecrScaled: given.has('tcp_ts_ecr_scaled'),
    },
    strictSegments: given.has('strict_segments'),
    mergeSize: reader.integer('mss', 0),
    nonFatal: reader.nonFatal(),
  };
}

class OptionReader {
  readonly #script: Script;
  readonly #given: ReadonlyMap<string, ScriptOption>;

  constructor(script: Script, given: ReadonlyMap<string, ScriptOption>) {
    this.#script = script;
    this.#given = given;
  }

  checkVersion(): void {
    const option = this.#given.get('ip_version');
    if (option === undefined || FAMILY_OF_IP_VERSION.has(option.value)) return;
    this.#fail(option, `unknown IP version '${option.value}'`, [...FAMILY_OF_IP_VERSION.keys()].join(', '));
  }

  integer(name: string, otherwise: number): number {
    const option = this.#given.get(name);
    if (option === undefined) return otherwise;
    if (!/^\d{1,9}$/.test(option.value)) this.#fail(option, `'${option.value}' is no whole number`);
    return Number(option.value);
  }

  decimal(name: string, otherwise: number): number {
    const option = this.#given.get(name);
    if (option === undefined) return otherwise;
    if (!/^\d{1,6}(\.\d+)?$/.test(option.value)) this.#fail(option, `'${option.value}' is no number`);
    return Number(option.value);
  }

  /** An address of a family that the script does not run in gives way to the default, as who runs all of them says. */
  address(name: string, otherwise: IpAddress): IpAddress {
    const option = this.#given.get(name);
    if (option === undefined) return otherwise;
    const address = this.#parse(option);
    return address.family === wireFamily(this.#script.family) ? address : otherwise;
  }

  #parse(option: ScriptOption): IpAddress {
    try {
      return IpAddress.parse(option.value);
    } catch (error) {
      if (error instanceof ConfigError) this.#fail(option, error.message);
      throw error;
    }
  }

  prefixLength(name: string, otherwise: number): number {
    const option = this.#given.get(name);
    if (option === undefined || this.#script.family === 'ipv6') return otherwise;
    const mask = this.#parse(option).w3;
    const length = Math.clz32(~mask >>> 0);
    if (length < 32 && (mask << length) >>> 0 !== 0) this.#fail(option, 'this is no netmask');
    return length;
  }

  nonFatal(): Set<'packet' | 'syscall'> {
    const option = this.#given.get('non_fatal');
    const kinds = new Set<'packet' | 'syscall'>();
    for (const kind of option?.value.split(',') ?? []) {
      if (kind !== 'packet' && kind !== 'syscall') this.#fail(option!, `'${kind}'`, 'packet, syscall');
      kinds.add(kind);
    }
    return kinds;
  }

  #fail(option: ScriptOption, problem: string, expected?: string): never {
    throw new ScriptError(this.#script.source, option.at, problem, expected);
  }
}
