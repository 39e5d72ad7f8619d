import type { Environment, Machine, Noise } from '../results/machine-schema.ts';

/** Beyond these, small differences between networks drown. */
const limits = {
  /** Of all cores' time. */
  otherProcesses: 0.1,
  steal: 0.02,
  /** Smallest relative difference that a standard run could show. */
  detectableEffect: 0.05,
} as const;

/** Effects beyond this are too rough an estimate for a figure: such noise leaves nothing to compare. */
export const tooNoisyEffect = 0.5;

/**
 * What speaks against measuring on this machine now, a sentence each; nothing when it is fit. What is not known does not
 * speak against it.
 */
export function obstaclesToMeasuring(machine: Machine, environment: Environment, noise: Noise): string[] {
  const percent = (fraction: number) => `${(100 * fraction).toFixed(fraction < 0.1 ? 1 : 0)} %`;
  const { otherProcesses, steal, throttledSeconds } = environment;
  const { detectableEffect } = noise;
  return [
    ...(otherProcesses !== null && otherProcesses > limits.otherProcesses
      ? [`Other processes use ${percent(otherProcesses)} of the processor: end them first.`]
      : []),
    ...(steal !== null && steal > limits.steal
      ? [`The host of this virtual machine gives ${percent(steal)} of its time to others.`]
      : []),
    ...(throttledSeconds !== null && throttledSeconds > 0
      ? ['A quota of the control group stops processes here: raise it, or use fewer threads.']
      : []),
    ...(detectableEffect !== null && detectableEffect > limits.detectableEffect
      ? [
          detectableEffect > tooNoisyEffect
            ? 'Times scatter too much to compare networks.'
            : `Times scatter so much that a standard run shows differences from ${percent(detectableEffect)} on only.`,
        ]
      : []),
    ...(machine.governor === 'powersave'
      ? ['The clock’s governor is “powersave”: set it to “performance”.']
      : []),
  ];
}
