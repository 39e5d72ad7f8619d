import { createRequire } from 'node:module';
import { join } from 'node:path';
import { EcfxError } from '../../../errors.ts';
import { processor } from '../../engine.ts';
import type { Abilities, Backend, Source, TensorFlow } from '../library.ts';
import { restoreNodeUtil } from './node-util.ts';
import { probePackage, type Probe } from './probe.ts';

type NativePackage = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

/** A first start on a new GPU compiles its kernels, which takes minutes; a processor is ready in seconds. */
const limitSeconds: Record<NativePackage, number> = {
  '@tensorflow/tfjs-node': 60,
  '@tensorflow/tfjs-node-gpu': 300,
};

interface Found {
  readonly mainFile: string;
  readonly version: string;
  readonly probe: Extract<Probe, { loads: true }>;
}

interface NativeOptions {
  /** Folders from whose point of view the package is looked for: by default ecfx's own, then the user's. */
  readonly from?: readonly string[];
  readonly limitSeconds?: number;
}

/**
 * TensorFlow's own library behind one of its packages for Node. It is an optional installation that can be absent,
 * broken or stuck, so it is tried in another process before this one loads it.
 */
export function native(name: NativePackage, options: NativeOptions = {}): Source {
  let found: Promise<Found> | undefined;
  let loaded: Promise<Backend> | undefined;
  const find = () => (found ??= findPackage(name, options));
  return {
    packages: [name],
    async hardware() {
      const { probe } = await find();
      return probe.usesGpu ? { name: null, driver: null, isSoftware: false } : processor;
    },
    async versions() {
      const { version, probe } = await find();
      return { [name]: version, libtensorflow: probe.tensorflow };
    },
    async load(threads) {
      const { mainFile, probe } = await find();
      return (loaded ??= start(mainFile, probe, threads));
    },
  };
}

async function findPackage(name: NativePackage, options: NativeOptions): Promise<Found> {
  const folders = options.from ?? [import.meta.url, join(process.cwd(), 'package.json')];
  const places = folders.flatMap((folder) => resolvedFrom(folder, name));
  const [place] = places;
  if (!place) throw absent(name);
  const probe = await probePackage(place.mainFile, options.limitSeconds ?? limitSeconds[name]);
  if (probe.loads !== true) throw broken(name, probe);
  if (name === '@tensorflow/tfjs-node-gpu' && !probe.usesGpu) {
    throw new EcfxError('unavailable', `${name} is installed, and finds no GPU that it can use`, {
      suggestions: [
        'It needs an NVIDIA driver, CUDA 11.2 to 11.8 and cuDNN 8 where the dynamic loader finds them (LD_LIBRARY_PATH).',
      ],
    });
  }
  return { ...place, probe };
}

function resolvedFrom(folder: string, name: NativePackage): { mainFile: string; version: string }[] {
  const require = createRequire(folder);
  try {
    const { version } = require(`${name}/package.json`) as { version: string };
    return [{ mainFile: require.resolve(name), version }];
  } catch {
    return [];
  }
}

async function start(
  mainFile: string,
  { groupedConvolution }: Found['probe'],
  threads: number,
): Promise<Backend> {
  restoreNodeUtil();
  // The library reads these when it is loaded, and has no other way to be told.
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] = '1';
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const tf = createRequire(import.meta.url)(mainFile) as TensorFlow;
  tf.enableProdMode();
  await tf.ready();
  const abilities: Abilities = {
    batchedProducts: true,
    groupedConvolution,
    filterGradient: true,
    depthwiseInputGradient: true,
    depthwiseFilterGradient: true,
    fusedBatchNorm: true,
    poolsFasterThanReduces: false,
    ownBlocks: false,
  };
  return { tf, name: 'tensorflow', abilities, threads };
}

function absent(name: NativePackage): EcfxError {
  return new EcfxError('unavailable', `${name} is not installed`, {
    suggestions: [
      `npm install ${name}@4.22.0`,
      'Its install downloads libtensorflow from storage.googleapis.com; it exists for x64 Linux, macOS and Windows.',
    ],
  });
}

function broken(name: NativePackage, probe: Exclude<Probe, { loads: true }>): EcfxError {
  const rebuild = `npm rebuild ${name} --build-addon-from-source`;
  if (probe.loads === 'hangs') {
    return new EcfxError(
      'unavailable',
      `${name} is installed, but had not loaded after ${probe.seconds} seconds`,
      { suggestions: ['See whether a driver hangs: nvidia-smi should answer at once.', rebuild] },
    );
  }
  if (probe.loads === 'died') {
    return new EcfxError(
      'unavailable',
      `${name} is installed, but ends the process that loads it (${probe.signal})${
        probe.lastWords === '' ? '' : `: ${probe.lastWords}`
      }`,
      {
        suggestions: [
          ...(probe.signal === 'SIGILL' ? ['Its build wants a processor with AVX.'] : []),
          rebuild,
        ],
      },
    );
  }
  if (probe.message.includes('native addon module')) {
    return new EcfxError(
      'unavailable',
      `${name} is installed without its native addon: the download at install failed or did not run`,
      { suggestions: [`npm rebuild ${name}`, rebuild] },
    );
  }
  const reason = probe.message.split('\n', 1)[0] ?? '';
  return new EcfxError('unavailable', `${name} is installed, but does not load: ${reason}`, {
    suggestions: [
      ...(probe.code === 'ERR_DLOPEN_FAILED'
        ? ['Its addon or libtensorflow is missing, or made for another system or version of Node.']
        : []),
      rebuild,
    ],
  });
}
