import { efficientNets } from './efficientnet.ts';
import type { Model } from './model.ts';

/** Every network that can be built, by name. */
export const models: ReadonlyMap<string, Model> = new Map(
  [...efficientNets].map((model) => [model.name, model]),
);

/** Other names of the same networks. */
export const modelAliases: ReadonlyMap<string, Model> = new Map(
  [...models.values()].flatMap((model) => (model.aliases ?? []).map((alias) => [alias, model])),
);

/** The network of a name or of one of its aliases, in lower case with hyphens. */
export function modelNamed(name: string): Model | undefined {
  return models.get(name) ?? modelAliases.get(name);
}
