/** How a broken invariant is reported: which one, on which host, of which connection, when. */
import { formatTime, type Nanos } from '../../sim/time.ts';

export interface Scene {
  /** Virtual time, ns. */
  readonly time: Nanos;
  /** Null when it concerns the network as a whole. */
  readonly host?: string | null;
  /** The connection or socket, as people name it; null when there is none. */
  readonly connection?: string | null;
}

/** An invariant does not hold. `violation('order', { time, host: 'a' }, 'snd.una went back')` */
export class InvariantViolation extends Error {
  readonly invariant: string;
  readonly host: string | null;
  readonly connection: string | null;
  readonly time: Nanos;

  constructor(invariant: string, { time, host = null, connection = null }: Scene, what: string) {
    const where = [host === null ? [] : [` on ${host}`], connection === null ? [] : [` of ${connection}`]];
    super(`${invariant}${where.flat().join('')} at ${formatTime(time)} s: ${what}`);
    this.name = 'InvariantViolation';
    this.invariant = invariant;
    this.host = host;
    this.connection = connection;
    this.time = time;
  }
}
