import type { Convention } from './convention.ts';
import { ecfx } from './ecfx.ts';
import { fvcore } from './fvcore.ts';
import { keras } from './keras.ts';
import { ptflops } from './ptflops.ts';
import { pycls } from './pycls.ts';
import { thop } from './thop.ts';
import { torchinfo } from './torchinfo.ts';
import { torchvision } from './torchvision.ts';

export const conventionNames = [
  'ecfx',
  'fvcore',
  'torchvision',
  'pycls',
  'ptflops',
  'thop',
  'torchinfo',
  'keras',
] as const;

export type ConventionName = (typeof conventionNames)[number];

export const conventions: Readonly<Record<ConventionName, Convention>> = {
  ecfx,
  fvcore,
  torchvision,
  pycls,
  ptflops,
  thop,
  torchinfo,
  keras,
};
