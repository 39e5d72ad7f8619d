import { EcfxError } from '../../errors.ts';
import { formatVariant, parseVariant, pixels } from './variant.ts';

/**
 * The canonical variant of a network that others name, at a resolution if one is given; null when ecfx has none.
 * Understands timm's names: `tf_efficientnet_b0.ns_jft_in1k` is EfficientNet-B0, whoever trained it how.
 */
export function variantOfFieldName(name: string, resolution?: number): string | null {
  const plain = (name.split('/').at(-1) ?? '').replace(/\.[a-z0-9_]+$/i, '');
  for (const candidate of [name, plain, plain.replace(/^tf_/, ''), plain.replace(/^dm_/, '')]) {
    try {
      const variant = parseVariant(candidate);
      const keeps = resolution === undefined || pixels(variant) === resolution;
      return formatVariant(keeps ? variant : { ...variant, resolution });
    } catch (error) {
      if (!(error instanceof EcfxError)) throw error;
    }
  }
  return null;
}

/** The tag of a timm name, which says how the weights were trained: `ns_jft_in1k`. */
export function trainingTag(name: string): string | null {
  const tag = /\.([a-z][a-z0-9_]*)$/i.exec(name)?.[1];
  return tag ?? null;
}
