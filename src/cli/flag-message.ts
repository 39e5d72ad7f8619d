/** oclif spreads a flag's error over three lines, `Parsing --batch ⏎ ⇥ Expected … ⏎ See more …`; this makes it one. */
export function tidyFlagMessage(message: string): string {
  return message
    .replace(/^Parsing (--\S+) \n\t/, '$1: ')
    .replace(/\nSee more help with --help$/, ' (see --help)');
}
