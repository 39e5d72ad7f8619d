import { EcfxError } from '../../errors.ts';
import { models } from '../registry.ts';

/** Names that stand for several networks. */
export const networkSets: Readonly<
  Record<string, { readonly meaning: string; readonly names: () => string[] }>
> = {
  all: { meaning: 'every network', names: () => [...models.keys()] },
  sandwich: {
    meaning: 'biggest, smallest and two random children of BigNAS’s space',
    names: () => ['bignas-max', 'bignas-min', 'bignas-r1', 'bignas-r2'],
  },
};

/**
 * The names that a set or a `*` stands for; what follows the network's name is said of each: `tinynet-*@96:gn4`.
 * Other names are returned as they are. Throws `EcfxError` (usage) on a star that no network fits.
 */
export function expandSet(name: string): string[] {
  const [, head = '', rest = ''] = /^([^@:]*)(.*)$/s.exec(name.trim()) ?? [];
  const base = head.toLowerCase().replaceAll('_', '-');
  const set = Object.hasOwn(networkSets, base) ? networkSets[base] : undefined;
  if (set) return set.names().map((member) => member + rest);
  if (!base.includes('*')) return [name];
  const parts = base.split('*').map((part) => part.replace(/[^a-z0-9-]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.*')}$`);
  const members = [...models.keys()].filter((member) => pattern.test(member));
  if (members.length === 0) {
    throw new EcfxError('usage', `no network is called ${head}`, {
      suggestions: ['See what there is with: ecfx models'],
    });
  }
  return members.map((member) => member + rest);
}
