/**
 * Places labels beside their points without covering other labels, points or lines. Greedy: the first label gets the
 * best place, so callers put the important ones first. Pixels, y downwards.
 */
export interface LabelRequest {
  /** The point that is labelled. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What a label should keep off. */
export interface Obstacle extends Box {
  /** How bad it is to cover it: 1, or less for what may be crossed when need be. */
  readonly weight: number;
}

/** The label's middle line relative to its point. */
export interface LabelPlace {
  readonly dx: number;
  readonly dy: number;
  readonly align: 'left' | 'center' | 'right';
}

/** Tried in this order: the eye expects a label on the right, and above rather than below. */
const directions: readonly { readonly x: number; readonly y: number; readonly align: LabelPlace['align'] }[] =
  [
    { x: 1, y: 0, align: 'left' },
    { x: 0, y: -1, align: 'center' },
    { x: 0, y: 1, align: 'center' },
    { x: -1, y: 0, align: 'right' },
    { x: 0.8, y: -0.8, align: 'left' },
    { x: 0.8, y: 0.8, align: 'left' },
    { x: -0.8, y: -0.8, align: 'right' },
    { x: -0.8, y: 0.8, align: 'right' },
    { x: 0.3, y: -1, align: 'left' },
    { x: 0.3, y: 1, align: 'left' },
    { x: -0.3, y: -1, align: 'right' },
    { x: -0.3, y: 1, align: 'right' },
  ];

const distances = [9, 15, 22, 30, 40] as const;

export function placeLabels(
  requests: readonly LabelRequest[],
  obstacles: readonly Obstacle[],
  panel: { readonly width: number; readonly height: number },
): LabelPlace[] {
  const taken = [...obstacles];
  return requests.map((request) => {
    let best: { place: LabelPlace; box: Box; cost: number } | undefined;
    for (const distance of distances) {
      for (const [rank, direction] of directions.entries()) {
        const place = candidate(request, direction, distance);
        const box = labelBox(request, place);
        // Overlap is area in square pixels; leaving the panel is worse; ties go to the nearer and the usual place.
        const overlap = taken.reduce(
          (sum, obstacle) => sum + obstacle.weight * overlapArea(box, obstacle),
          0,
        );
        const cost = overlap + 20 * outsideArea(box, panel) + 2 * (distance + rank);
        if (best === undefined || cost < best.cost) best = { place, box, cost };
      }
    }
    if (best === undefined) return { dx: 0, dy: 0, align: 'left' };
    taken.push({ ...best.box, weight: 1 });
    return best.place;
  });
}

/** Small boxes along a line. A label's halo keeps it legible there, so crossing it is a lesser evil. */
export function lineObstacles(
  points: readonly { readonly x: number; readonly y: number }[],
  step = 6,
): Obstacle[] {
  return points.slice(1).flatMap((end, index) => {
    const start = points[index] ?? end;
    const count = Math.max(1, Math.ceil(Math.hypot(end.x - start.x, end.y - start.y) / step));
    return Array.from({ length: count + 1 }, (_, part) => {
      const share = part / count;
      const [x, y] = [start.x + (end.x - start.x) * share, start.y + (end.y - start.y) * share];
      return { ...pointObstacle(x, y, 1.5), weight: 0.4 };
    });
  });
}

export function pointObstacle(x: number, y: number, radius: number): Obstacle {
  return { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius, weight: 1 };
}

function candidate(
  { height }: LabelRequest,
  direction: (typeof directions)[number],
  distance: number,
): LabelPlace {
  // Above and below, it is the label's edge and not its middle that keeps the distance.
  const lift = Math.abs(direction.x) < 0.5 ? height / 2 - 3 : 0;
  return { dx: direction.x * distance, dy: direction.y * (distance + lift), align: direction.align };
}

export function labelBox({ x, y, width, height }: LabelRequest, { dx, dy, align }: LabelPlace): Box {
  const left = x + dx - (align === 'left' ? 0 : align === 'right' ? width : width / 2);
  const top = y + dy - height / 2;
  return { left, top, right: left + width, bottom: top + height };
}

export function overlapArea(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

function outsideArea(box: Box, { width, height }: { width: number; height: number }): number {
  const whole = (box.right - box.left) * (box.bottom - box.top);
  return whole - overlapArea(box, { left: 0, top: 0, right: width, bottom: height });
}

/**
 * Positions at least `gap` apart, in the order given, as near as possible (least squares) to the wanted ones, which
 * ascend. Pool adjacent violators on what is left when the gaps are taken out.
 */
export function spread(wanted: readonly number[], gap: number): number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const [index, position] of wanted.entries()) {
    let pool = { sum: position - index * gap, count: 1 };
    for (
      let last = pools.at(-1);
      last !== undefined && last.sum / last.count > pool.sum / pool.count;
      last = pools.at(-1)
    ) {
      pools.pop();
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count };
    }
    pools.push(pool);
  }
  return pools
    .flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count))
    .map((position, index) => position + index * gap);
}
