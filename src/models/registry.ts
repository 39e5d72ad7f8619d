import { attentiveNasNets } from './families/attentive-nas.ts';
import { bigNasChild, bigNasExtremes } from './families/bignas.ts';
import { convNexts } from './families/convnext.ts';
import { efficientNetLites } from './families/efficientnet-lite.ts';
import { efficientNetXs } from './families/efficientnet-x.ts';
import { efficientNets } from './families/efficientnet.ts';
import { efficientNetV2s } from './families/efficientnetv2.ts';
import { ghostNets } from './families/ghostnet.ts';
import { lambdaResNets } from './families/lambda-resnet.ts';
import { mobileNetV1s } from './families/mobilenetv1.ts';
import { mobileNetV2s } from './families/mobilenetv2.ts';
import { mobileNetV3s } from './families/mobilenetv3.ts';
import type { Model } from './model.ts';
import { nfRegNets } from './families/nf-regnet.ts';
import { nfResNets } from './families/nf-resnet.ts';
import { nfNets } from './families/nfnet.ts';
import { regNets } from './families/regnet.ts';
import { resNetRs } from './families/resnet-rs.ts';
import { preActivationResNets } from './families/resnet-v2.ts';
import { resNets } from './families/resnet.ts';
import { squeezeNets } from './families/squeezenet.ts';
import { tinyNets } from './families/tinynet.ts';

/** Every network that can be built, by name; children of BigNAS come on top. */
export const models: ReadonlyMap<string, Model> = new Map(
  [
    ...efficientNets,
    ...efficientNetLites,
    ...efficientNetV2s,
    ...efficientNetXs,
    ...tinyNets,
    ...mobileNetV1s,
    ...mobileNetV2s,
    ...mobileNetV3s,
    ...ghostNets,
    ...attentiveNasNets,
    ...bigNasExtremes,
    ...resNets,
    ...preActivationResNets,
    ...resNetRs,
    ...regNets,
    ...convNexts,
    ...nfResNets,
    ...nfRegNets,
    ...nfNets,
    ...lambdaResNets,
    ...squeezeNets,
  ].map((model) => [model.name, model]),
);

/** Other names of the same networks. */
export const modelAliases: ReadonlyMap<string, Model> = new Map(
  [...models.values()].flatMap((model) => (model.aliases ?? []).map((alias) => [alias, model])),
);

/** The network of a name or of one of its aliases, in lower case with hyphens. */
export function modelNamed(name: string): Model | undefined {
  return models.get(name) ?? modelAliases.get(name) ?? bigNasChild(name);
}
