/** The ends of an interval, in the unit of what it is of (here usually a log ratio). */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export function widthOf({ low, high }: Interval): number {
  return high - low;
}
