/**
 * The only door to vega and vega-lite, opened when a figure is drawn: importing them takes a third of a second, which
 * no other command should pay.
 */
import type { LoggerInterface, Spec as VegaSpec } from 'vega';
import type { TopLevelSpec } from 'vega-lite';
import { textWidth } from './text-width.ts';

export interface CompiledFigure {
  readonly vega: VegaSpec;
  /** What Vega-Lite complained about; a figure of ours must compile without. */
  readonly warnings: readonly string[];
}

export async function compileFigure(spec: TopLevelSpec): Promise<CompiledFigure> {
  const { compile } = await import('vega-lite');
  const warnings: string[] = [];
  const { spec: vega } = compile(spec, { logger: collectingLogger(warnings) });
  return { vega, warnings };
}

/** An SVG document without scripts; no data is loaded from anywhere. */
export async function renderSvg(spec: VegaSpec): Promise<string> {
  const vega = await import('vega');
  useTextWidths(vega);
  const view = new vega.View(vega.parse(spec), { renderer: 'none', loader: noLoader });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** Vega measures text on a canvas if one happens to be installed, and guesses otherwise; both give way to our table. */
function useTextWidths(vega: object): void {
  // Missing from vega's types; its sources keep the function replaceable for renderers that measure by themselves.
  const { textMetrics } = vega as {
    textMetrics: { width: (item: TextItem, text: string | number | null) => number };
  };
  textMetrics.width = (item, text) => {
    const isBold = item.fontWeight === 'bold' || Number(item.fontWeight) >= 600;
    return textWidth(String(text ?? '').trim(), item.fontSize ?? 11, isBold);
  };
}

interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
}

/** Figures carry their data; whatever tries to load anything is a mistake. */
const noLoader = {
  load: refuse,
  sanitize: refuse,
  http: refuse,
  file: refuse,
};

function refuse(uri: string): Promise<never> {
  return Promise.reject(new Error(`A figure tried to load ${uri}; its data must be inline.`));
}

function collectingLogger(warnings: string[]): LoggerInterface {
  const collect = (...messages: readonly unknown[]): LoggerInterface => {
    warnings.push(messages.map(String).join(' '));
    return logger;
  };
  const ignore = (): LoggerInterface => logger;
  const logger = { level: () => logger, error: collect, warn: collect, info: ignore, debug: ignore };
  return logger;
}
