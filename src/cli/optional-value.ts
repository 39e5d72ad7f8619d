/**
 * Lets a flag stand alone or with a value, which oclif has no notion of: `--html`, `--html=page.html` and
 * `--html page.html`. A value after a space counts only when it ends like the file that the flag writes, so that
 * `--html run/` leaves `run/` an argument. A flag that stands alone gets `fallback`.
 */
export function withOptionalValue(
  argv: readonly string[],
  flag: string,
  ending: string,
  fallback: string,
): string[] {
  return argv.map((word, index) => {
    if (word !== flag) return word;
    return argv[index + 1]?.endsWith(ending) ? word : `${flag}=${fallback}`;
  });
}
