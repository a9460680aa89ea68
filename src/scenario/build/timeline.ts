/** The timeline at work: one event for each action, at its time, before whatever else happens then. */
import type { Network } from '../../node/network.ts';
import { assertNever, InvariantError } from '../../sim/errors.ts';
import type { EventHandler } from '../../sim/simulator.ts';
import { formatTime, type Nanos } from '../../sim/time.ts';
import { replugsOf } from '../check/replugs.ts';
import type { ActionSpec, LinkSpec, Scenario } from '../schema/scenario.ts';
import type { Directory } from './directory.ts';
import { impairmentRule, selectionOf } from './impairments.ts';
import { sideOf } from './network.ts';
import type { Programs } from './programs.ts';

/** Rules that were added to a link and can be taken away again. */
interface AddedRules {
  readonly link: string;
  readonly kind: 'partition' | 'impair';
  readonly remove: () => void;
}

/** A function of the timeline threw: it is the user's, and the run ends. */
export class ActionError extends Error {
  constructor(time: Nanos, cause: unknown) {
    const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(`the function that the timeline calls at ${formatTime(time)} s threw: ${what}`, { cause });
    this.name = 'ActionError';
  }
}

const ACTION = 1;

export class Timeline implements EventHandler {
  readonly #network: Network;
  readonly #scenario: Scenario;
  readonly #directory: Directory;
  readonly #programs: Programs;
  readonly #run: object;
  #added: AddedRules[] = [];

  /**
   * Schedules all actions.
   * @param run what functions in the timeline are given
   */
  constructor(network: Network, scenario: Scenario, directory: Directory, programs: Programs, run: object) {
    this.#run = run;
    this.#network = network;
    this.#scenario = scenario;
    this.#directory = directory;
    this.#programs = programs;
    const place = network.simulator.addPlace('timeline', this);
    for (const action of scenario.timeline) network.simulator.at(action.at, place, ACTION, action);
    for (const [link, { impairments }] of Object.entries(scenario.links))
      if (impairments.length > 0) this.#impair(link, impairments);
  }

  onEvent(_kind: number, arg: unknown): void {
    this.#act(arg as ActionSpec);
  }

  #act(action: ActionSpec): void {
    switch (action.do) {
      case 'link-down':
      case 'link-up':
        this.#network.cable(action.link).setUp(action.do === 'link-up');
        return;
      case 'replug': {
        const { side } = replugsOf(this.#scenario).find((replug) => replug.action === action)!;
        this.#network.replug(action.link, side ?? 0, this.#directory.ends.movedTo(action));
        return;
      }
      case 'partition': {
        const end = sideOf(this.#link(action.link).between, action.from);
        const remove = this.#network.cable(action.link).impair([{ rule: 'partition' }], end);
        this.#added.push({ link: action.link, kind: 'partition', remove });
        return;
      }
      case 'heal':
        this.#takeAway(action.link, 'partition');
        return;
      case 'impair':
        this.#takeAway(action.link, 'impair');
        this.#impair(action.link, action.impairments);
        return;
      case 'drop': {
        const end = sideOf(this.#link(action.link).between, action.from);
        const selection = selectionOf({ ...action, chance: null }, this.#directory);
        this.#network.cable(action.link).impair([{ rule: 'loss', ...selection }], end);
        return;
      }
      case 'crash':
        this.#network.host(action.host).crash();
        return;
      case 'restart':
        this.#network.host(action.host).restart();
        this.#programs.startAllOf(action.host);
        return;
      case 'stop':
        this.#programs.stop(action.program);
        return;
      case 'start':
        this.#programs.start(action.program);
        return;
      case 'set':
        this.#network.host(action.host).sysctls.set(action.sysctl, action.value);
        return;
      case 'add-address': {
        const host = this.#network.host(action.host);
        host.ip.addAddress(host.device(action.interface), action.address);
        return;
      }
      case 'remove-address': {
        const host = this.#network.host(action.host);
        host.ip.removeAddress(host.device(action.interface), action.address);
        return;
      }
      case 'call':
        this.#call(action);
        return;
      default:
        assertNever(action);
    }
  }

  #call({ run, at }: Extract<ActionSpec, { do: 'call' }>): void {
    try {
      run(this.#run as never);
    } catch (cause) {
      throw cause instanceof InvariantError ? cause : new ActionError(at, cause); // our fault, or the function's
    }
  }

  /** Adds rules in their order, each to its direction. */
  #impair(link: string, impairments: LinkSpec['impairments']): void {
    const cable = this.#network.cable(link);
    const { between } = this.#link(link);
    for (const impairment of impairments) {
      const rule = impairmentRule(impairment, this.#directory);
      const remove = cable.impair([rule], sideOf(between, impairment.from));
      this.#added.push({ link, kind: 'impair', remove });
    }
  }

  #takeAway(link: string, kind: AddedRules['kind']): void {
    const goes = (rules: AddedRules) => rules.link === link && rules.kind === kind;
    for (const rules of this.#added) if (goes(rules)) rules.remove();
    this.#added = this.#added.filter((rules) => !goes(rules));
  }

  #link(name: string): LinkSpec {
    return this.#scenario.links[name]!;
  }
}
