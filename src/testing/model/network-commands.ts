/** Commands that do something to the network, for every model. */
import fc from 'fast-check';
import { MILLISECOND } from '../../sim/time.ts';
import { type CommandKinds, command } from './command.ts';
import type { NetworkModel } from './network-model.ts';

/** How far a number may be drawn that stands for a host or a cable. */
const ANY = 7;

/** advance, dropNext, partition, heal, crash and restart. */
export function networkCommands<M extends NetworkModel>(): CommandKinds<M> {
  return {
    advance: command<M, { ms: number }>({
      arguments: { ms: fc.integer({ min: 1, max: 5000 }) },
      weight: 2,
      run: () => {},
      lasting: ({ ms }) => ms * MILLISECOND,
    }),
    dropNext: command<M, { link: number; end: 0 | 1; packets: number }>({
      arguments: { link: fc.nat(ANY), end: fc.constantFrom(0, 1), packets: fc.integer({ min: 1, max: 3 }) },
      weight: 2,
      check: (_, bench, { link }) => bench.cable(link) !== null,
      run: (model, bench, { link, end, packets }) => {
        bench.dropNext(bench.cable(link)!, end, packets);
        model.hasLost = true;
      },
    }),
    partition: command<M, { link: number }>({
      arguments: { link: fc.nat(ANY) },
      check: (model, bench, { link }) => {
        const cable = bench.cable(link);
        return cable !== null && !model.cut.has(cable.name);
      },
      run: (model, bench, { link }) => {
        const cable = bench.cable(link)!;
        bench.partition(cable);
        model.cut.add(cable.name);
        model.hasLost = true;
      },
    }),
    heal: command<M, { link: number }>({
      arguments: { link: fc.nat(ANY) },
      check: (model, bench, { link }) => model.cut.has(bench.cable(link)?.name ?? ''),
      run: (model, bench, { link }) => {
        const cable = bench.cable(link)!;
        bench.heal(cable);
        model.cut.delete(cable.name);
      },
    }),
    crash: command<M, { host: number }>({
      arguments: { host: fc.nat(ANY) },
      check: (model, bench, { host }) => !model.dead.has(bench.host(host)),
      run: (model, bench, { host }) => {
        const name = bench.host(host);
        bench.crash(name);
        model.dead.add(name);
        model.onCrash(name);
      },
    }),
    restart: command<M, { host: number }>({
      arguments: { host: fc.nat(ANY) },
      check: (model, bench, { host }) => model.dead.has(bench.host(host)),
      run: (model, bench, { host }) => {
        bench.restart(bench.host(host));
        model.dead.delete(bench.host(host));
      },
    }),
  };
}
