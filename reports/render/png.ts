/** The only door to resvg. Its text is set in the font that comes with ecfx, so that a picture is the same everywhere. */
import { packageFile } from '../../src/package-root.ts';

/** Pixels per unit of the drawing: sharp on dense screens and in print. */
const scale = 2;

const family = 'Source Sans 3';

/** Without system fonts and with no font of our own, resvg would leave out all text without a word. */
export async function renderPng(svg: string): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    background: '#ffffff',
    font: {
      loadSystemFonts: false,
      fontFiles: ['Regular', 'Semibold'].map((face) => packageFile('fonts', `SourceSans3-${face}.ttf`)),
      defaultFontFamily: family,
      sansSerifFamily: family,
    },
  });
  return image.render().asPng();
}
