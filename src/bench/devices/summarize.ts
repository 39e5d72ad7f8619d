import type { BenchRow, RunHeader, Subject, Theory } from '../../results/schema.ts';
import type { Telemetry } from '../../results/telemetry-schema.ts';

/** What stands behind the device of a row; nothing where the run does not say. */
export function hardwareOf(
  { devices = [] }: RunHeader,
  { engine, device }: Subject,
): Pick<BenchRow, 'hardware'> {
  const found = devices.find((each) => each.engine === engine && each.device === device);
  if (!found) return {};
  const { name, driver, isSoftware } = found;
  return { hardware: { name, driver, isSoftware } };
}

/** How a row was run, from its cells, which all ran alike; and what its emulation cost per image. */
export function executionOf(
  { batch }: Subject,
  { macs }: Theory,
  cells: readonly Pick<BenchRow, 'execution'>[],
): Pick<BenchRow, 'execution' | 'emulation'> {
  const execution = cells.find((cell) => cell.execution !== undefined)?.execution;
  if (!execution) return {};
  const { executedMacs } = execution;
  if (executedMacs === null) return { execution, emulation: null };
  const executed = executedMacs / batch;
  return { execution, emulation: { executedFlops: 2 * executed, waste: 1 - macs / executed } };
}

/** What the sensors said in each round that had any. */
export function telemetryOf(
  cells: readonly { readonly telemetry: Telemetry | null }[],
): Pick<BenchRow, 'telemetry'> {
  const known = cells.flatMap(({ telemetry }) => telemetry ?? []);
  return known.length > 0 ? { telemetry: known } : {};
}

/** What a reader of the rows has to know about the devices that they ran on. */
export function deviceWarnings(rows: readonly BenchRow[]): string[] {
  const warnings = rows.flatMap(({ engine, device, execution, telemetry = [] }) => {
    const place = `${engine} on ${device}`;
    const slowdowns = telemetry.flatMap(({ gpus }) => gpus.flatMap((gpu) => gpu.throttleReasons ?? []));
    const fellBack = Object.entries(execution?.fellBack ?? {});
    return [
      ...(fellBack.length > 0
        ? [`${place}: the processor ran what the device could not: ${listOperators(fellBack)}.`]
        : []),
      ...(slowdowns.length > 0
        ? [`${place}: the graphics card slowed down (${[...new Set(slowdowns)].join(', ')}).`]
        : []),
    ];
  });
  return [...new Set(warnings)];
}

function listOperators(operators: readonly (readonly [string, number])[]): string {
  return operators.map(([operator, nodes]) => `${operator} (${nodes})`).join(', ');
}
