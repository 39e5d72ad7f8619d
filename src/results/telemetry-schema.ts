/** What sensors said while a cell was timed; every unknown is null, never 0. Bytes, hertz, watts, joules, seconds. */
import * as z from 'zod';

/** Of one graphics card, over all samples: clocks and power are means, memory and temperature the largest. */
const gpuTelemetry = z.strictObject({
  index: z.int(),
  name: z.string().nullable(),
  driver: z.string().nullable(),
  memoryTotalBytes: z.number().nullable(),
  memoryUsedBytes: z.number().nullable(),
  clockHertz: z.number().nullable(),
  memoryClockHertz: z.number().nullable(),
  powerWatts: z.number().nullable(),
  temperatureCelsius: z.number().nullable(),
  /** Why it ran slower than it could at some moment; empty when it did not. */
  throttleReasons: z.array(z.string()).nullable(),
  samples: z.int(),
  intervalSeconds: z.number(),
});

export const telemetry = z.strictObject({
  gpus: z.array(gpuTelemetry),
  energy: z.strictObject({
    /** Of processor packages and memory, from counters (RAPL) read before and after. */
    processorJoules: z.number().nullable(),
    /** Of the graphics cards: mean of the power samples times the time. */
    gpuJoules: z.number().nullable(),
    /** The time that the energy is of, and the images computed in it. */
    seconds: z.number(),
    images: z.int(),
  }),
  /** Over the energy that is known; what a machine idles with is in it. */
  imagesPerJoule: z.number().nullable(),
});

export type GpuTelemetry = z.infer<typeof gpuTelemetry>;
export type Telemetry = z.infer<typeof telemetry>;
