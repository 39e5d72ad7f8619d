/** Prints `N passed, M failed` from the file of vitest's JSON reporter. */
import { readFileSync } from 'node:fs';

/**
 * @typedef {{ status: string, assertionResults: readonly { status: string }[] }} TestFile
 * @typedef {{ success: boolean, numPassedTests: number, numFailedTests: number, testResults: readonly TestFile[] }} Report
 */

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: test-summary.mjs RESULTS.json');

const text = readFileSync(file, 'utf8');
const report = text === '' ? undefined : /** @type {Report} */ (JSON.parse(text));
const { passed, failed } = report ? count(report) : { passed: 0, failed: 1 };
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/**
 * A file that could not be loaded has no failed test, and an error outside of all tests none either: each counts as 1.
 *
 * @param {Report} report
 */
function count({ success, numPassedTests, numFailedTests, testResults }) {
  const unloadable = testResults.filter(
    (tests) => tests.status === 'failed' && tests.assertionResults.every((test) => test.status !== 'failed'),
  );
  const failed = numFailedTests + unloadable.length;
  return { passed: numPassedTests, failed: success ? failed : Math.max(failed, 1) };
}
