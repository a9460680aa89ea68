/** What a run of recorded cases came to, whatever their kind. */

/** What a run of one file came to, whatever its kind. */
export interface FileOutcome {
  readonly passed: number;
  readonly failed: number;
  readonly notCovered: number;
  readonly table: readonly string[];
  /** Each difference as the lines that show it. */
  readonly differences: readonly (readonly string[])[];
  /** For the JSON document. */
  readonly failures: readonly object[];
}

export interface Settings {
  readonly only?: string;
  readonly against: 'machine' | 'spec' | 'both';
  readonly show: number;
  readonly onProgress: (done: number) => void;
}
