import { median } from 'simple-statistics';
import * as z from 'zod';
import { EcfxError } from '../../errors.ts';
import { variantOfFieldName } from '../../models/variants/field-names.ts';
import { namedByFile, type Importer } from './imported.ts';

const times = z.array(z.looseObject({ computeMs: z.number().positive() })).min(1);

/**
 * What `trtexec --exportTimes=FILE` writes: one object a query with, among others, the milliseconds that it computed
 * on the GPU. The network and the batch are the file's name. Transfers are left out.
 */
export const trtexec: Importer = {
  format: 'trtexec --exportTimes JSON',
  recognizes: ({ text }) => /^\s*\[/.test(text) && text.includes('"computeMs"'),
  read({ path, stem, text }) {
    const parsed = times.safeParse(parse(text));
    if (!parsed.success) throw new EcfxError('input', `${path}: ${z.prettifyError(parsed.error)}`);
    const { network, batch } = namedByFile(stem);
    const seconds = median(parsed.data.map(({ computeMs }) => computeMs)) / 1e3;
    return [
      {
        origin: 'imported',
        file: path,
        network,
        variant: variantOfFieldName(network),
        mode: 'inference',
        setting: 'TensorRT, GPU compute time',
        resolution: null,
        batch,
        imagesPerSecond: batch / seconds,
        macs: null,
        parameters: null,
      },
    ];
  },
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
