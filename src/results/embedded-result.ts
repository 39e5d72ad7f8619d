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

/** More than any clock gives. What computers calculate with has seven more, which are noise, and noise does not compress. */
const digits = 9;

function withShortTimes(result: BenchResult): BenchResult {
  const shorten = (times: readonly number[]) => times.map((seconds) => Number(seconds.toPrecision(digits)));
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
