/** The figures that clients keep about how long answers took. */
import type { Nanos } from '../sim/time.ts';

/** Round trips in ns; the mean is rounded. All 0 before the first. */
export type RoundTrips = { rttMin: Nanos; rttMean: Nanos; rttMax: Nanos; rttSum: Nanos };

export function noRoundTrips(): RoundTrips {
  return { rttMin: 0, rttMean: 0, rttMax: 0, rttSum: 0 };
}

/** @param count how many there are with this one */
export function addRoundTrip(figures: RoundTrips, count: number, rtt: Nanos): void {
  figures.rttMin = count === 1 ? rtt : Math.min(figures.rttMin, rtt);
  figures.rttMax = Math.max(figures.rttMax, rtt);
  figures.rttSum += rtt;
  figures.rttMean = Math.round(figures.rttSum / count);
}
