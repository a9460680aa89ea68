/**
 * A lazily re-armed deadline: at most one useful event is queued per timer, however often the deadline moves.
 *
 * Moving the deadline later costs one store: the queued event fires early, sees the later deadline and queues
 * itself again. Switching off clears the deadline and leaves the event to die by itself. Only a deadline that
 * moves before the queued event needs a second one; the older then finds nothing to do.
 */
import type { EventHandler, Simulator } from './simulator.ts';
import { type Nanos, NEVER } from './time.ts';

/** The event kind that a {@link LazyTimer} schedules for itself. */
export const TIMER_EVENT = 0;

export class LazyTimer implements EventHandler {
  deadline: Nanos = NEVER;
  #queuedAt: Nanos = NEVER;
  readonly #simulator: Simulator;
  readonly #place: number;
  readonly #onExpire: () => void;

  /** @param onExpire called once at the deadline, which is then off */
  constructor(simulator: Simulator, name: string, onExpire: () => void) {
    this.#simulator = simulator;
    this.#onExpire = onExpire;
    this.#place = simulator.addPlace(name, this);
  }

  /** Sets the deadline to an instant not in the past, or to `NEVER` to switch the timer off. */
  set(deadline: Nanos): void {
    this.deadline = deadline;
    if (deadline < this.#queuedAt) this.#queue(deadline);
  }

  clear(): void {
    this.deadline = NEVER;
  }

  get isSet(): boolean {
    return this.deadline !== NEVER;
  }

  onEvent(): void {
    const now = this.#simulator.now;
    if (now !== this.#queuedAt) return; // an event that an earlier deadline has overtaken
    this.#queuedAt = NEVER;
    if (this.deadline > now) {
      if (this.deadline !== NEVER) this.#queue(this.deadline);
      return;
    }
    this.deadline = NEVER;
    this.#onExpire();
  }

  #queue(time: Nanos): void {
    this.#queuedAt = time;
    this.#simulator.at(time, this.#place, TIMER_EVENT, null);
  }
}
