import { performance } from 'node:perf_hooks';

/** Seconds since a reading of `performance.now`, which is monotonic and has nanosecond resolution in Node. */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}

/** The smallest difference above zero that two readings of the clock one after the other show. Seconds. */
export function timerResolution(): number {
  let least = Infinity;
  for (let count = 0; count < 1000; count++) {
    const start = performance.now();
    let end = performance.now();
    while (end === start) end = performance.now();
    least = Math.min(least, end - start);
  }
  return least / 1000;
}
