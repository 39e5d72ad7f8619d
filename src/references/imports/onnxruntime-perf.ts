import { EcfxError } from '../../errors.ts';
import { variantOfFieldName } from '../../models/variants/field-names.ts';
import { namedByFile, type Importer } from './imported.ts';

/** What onnxruntime_perf_test prints at the end; the network and the batch are the name of the file that it is in. */
export const onnxruntimePerf: Importer = {
  format: 'output of onnxruntime_perf_test',
  recognizes: ({ text }) => /^(Average inference time cost|Number of inferences per second)/m.test(text),
  read({ path, stem, text }) {
    const [, perSecond] = /^Number of inferences per second:\s*([\d.]+)/m.exec(text) ?? [];
    const [, milliseconds] = /^Average inference time cost(?: total)?:\s*([\d.]+)\s*ms/m.exec(text) ?? [];
    const rate = perSecond === undefined ? 1e3 / Number(milliseconds) : Number(perSecond);
    if (!(rate > 0 && Number.isFinite(rate))) {
      throw new EcfxError('input', `${path}: neither inferences per second nor an average time in ms`);
    }
    const { network, batch } = namedByFile(stem);
    return [
      {
        origin: 'imported',
        file: path,
        network,
        variant: variantOfFieldName(network),
        mode: 'inference',
        setting: 'onnxruntime_perf_test',
        resolution: null,
        batch,
        imagesPerSecond: rate * batch,
        macs: null,
        parameters: null,
      },
    ];
  },
};
