import { attentiveNasNets } from './attentive-nas.ts';
import { bigNasChild, bigNasExtremes } from './bignas.ts';
import { convNexts } from './convnext.ts';
import { efficientNetLites } from './efficientnet-lite.ts';
import { efficientNetXs } from './efficientnet-x.ts';
import { efficientNets } from './efficientnet.ts';
import { efficientNetV2s } from './efficientnetv2.ts';
import { ghostNets } from './ghostnet.ts';
import { lambdaResNets } from './lambda-resnet.ts';
import { mobileNetV1s } from './mobilenetv1.ts';
import { mobileNetV2s } from './mobilenetv2.ts';
import { mobileNetV3s } from './mobilenetv3.ts';
import type { Model } from './model.ts';
import { nfRegNets } from './nf-regnet.ts';
import { nfResNets } from './nf-resnet.ts';
import { nfNets } from './nfnet.ts';
import { regNets } from './regnet.ts';
import { resNetRs } from './resnet-rs.ts';
import { preActivationResNets } from './resnet-v2.ts';
import { resNets } from './resnet.ts';
import { squeezeNets } from './squeezenet.ts';
import { tinyNets } from './tinynet.ts';

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
