/** How a process ended that should not have, with the last of what it wrote to stderr. */
export function describeDeath(
  who: string,
  code: number | null,
  signal: NodeJS.Signals | null,
  stderr: string,
): string {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const guess = signal === 'SIGKILL' ? ', probably because memory ran out' : '';
  const lastWords = stderr.trim().split('\n').slice(-3).join(' ');
  return `${who} died (${how}${guess})${lastWords === '' ? '' : `: ${lastWords}`}`;
}
