/**
 * A set of ports of which the kernel draws one at random: ranges in order of preference; the first range with a usable
 * port is the set. Lazy, because a range has 28,232 ports and one is wanted.
 */

export interface PortRange {
  readonly first: number;
  /** 1 or 2 */
  readonly step: number;
  readonly count: number;
}

export interface PortChoice {
  has(port: number): boolean;
  /** The lowest allowed port; null when there is none. */
  lowest(): number | null;
  /** All allowed ports, ascending. */
  all(): Generator<number>;
}

/** @param ranges in order of preference @param usable asked once per port at most */
export function portChoice(ranges: readonly PortRange[], usable: (port: number) => boolean): PortChoice {
  let chosen: PortRange | null | undefined;
  const range = (): PortRange | null => {
    chosen ??= ranges.find((one) => someUsable(one, usable)) ?? null;
    return chosen;
  };
  function* all(): Generator<number> {
    const from = range();
    if (from === null) return;
    for (let i = 0; i < from.count; i++) {
      const port = from.first + i * from.step;
      if (usable(port)) yield port;
    }
  }
  return {
    has: (port) => {
      const from = range();
      return from !== null && inRange(from, port) && usable(port);
    },
    lowest: () => all().next().value ?? null,
    all,
  };
}

function someUsable(range: PortRange, usable: (port: number) => boolean): boolean {
  for (let i = 0; i < range.count; i++) if (usable(range.first + i * range.step)) return true;
  return false;
}

function inRange(range: PortRange, port: number): boolean {
  const offset = port - range.first;
  return offset >= 0 && offset % range.step === 0 && offset / range.step < range.count;
}
