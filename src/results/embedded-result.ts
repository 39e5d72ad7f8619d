/** A bench result inside of a report page: all of it, so that whoever has the page has the evidence. */
import { packJson, unpackJson } from './packed-json.ts';
import type { BenchResult } from './schema.ts';

/** The element that holds it. */
export function embedResult(result: BenchResult): string {
  return `<script type="application/gzip" id="ecfx-result">${packJson(withShortTimes(result))}</script>`;
}

/** The JSON in a page, or nothing; older pages have it as it is, but for `<`, which JSON escapes. */
export function embeddedResult(page: string): string {
  const [, type, content = ''] =
    /<script type="application\/(gzip|json)" id="ecfx-result">([^<]*)<\/script>/.exec(page) ?? [];
  return type === 'gzip' ? unpackJson(content) : content;
}

/**
 * To the nanosecond, and of less than a second to nine digits: finer than any clock. The seven more that computers calculate with are noise,
 * which does not compress.
 */
function shorten(times: readonly number[]): number[] {
  return times.map((seconds) => Number(seconds >= 1 ? seconds.toFixed(9) : seconds.toPrecision(9)));
}

function withShortTimes(result: BenchResult): BenchResult {
  const rows = result.rows.map((row) => ({
    ...row,
    samples: row.samples.map(({ stepSeconds, warmUp, latencySeconds, ...sample }) => ({
      ...sample,
      stepSeconds: shorten(stepSeconds),
      ...(warmUp && { warmUp: { ...warmUp, stepSeconds: shorten(warmUp.stepSeconds) } }),
      ...(latencySeconds && { latencySeconds: shorten(latencySeconds) }),
    })),
  }));
  return { ...result, rows };
}
