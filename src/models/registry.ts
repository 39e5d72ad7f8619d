import { efficientNets } from './efficientnet.ts';
import type { Model } from './model.ts';

/** Every network that can be built, by name. */
export const models: ReadonlyMap<string, Model> = new Map(
  [...efficientNets].map((model) => [model.name, model]),
);
