import { EcfxError } from '../errors.ts';

interface ShardOfRun {
  readonly index: number;
  readonly count: number;
}

/**
 * Reads `2/4`, the second of four parts, or `auto`: what Slurm says of a job array, or Kubernetes of an indexed job
 * (which names only the index; `ECFX_SHARD_COUNT` has to give the number). Throws `EcfxError` (usage).
 */
export function parseShard(text: string, environment: NodeJS.ProcessEnv = process.env): ShardOfRun {
  if (text === 'auto') return shardOfJob(environment);
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text.trim()) ?? [];
  return checkShard(Number(index), Number(count), `“${text}” is not a shard`);
}

function shardOfJob(environment: NodeJS.ProcessEnv): ShardOfRun {
  const { SLURM_ARRAY_TASK_ID: task, SLURM_ARRAY_TASK_COUNT: tasks } = environment;
  const { JOB_COMPLETION_INDEX: completion, ECFX_SHARD_COUNT: completions } = environment;
  if (task !== undefined) {
    const first = Number(environment['SLURM_ARRAY_TASK_MIN'] ?? 1);
    return checkShard(
      Number(task) - first + 1,
      Number(tasks),
      `Slurm’s task ${task} of ${tasks ?? 'an unknown number'} makes no shard`,
    );
  }
  if (completion !== undefined) {
    return checkShard(
      Number(completion) + 1,
      Number(completions),
      completions === undefined
        ? 'Kubernetes says which part this is, not of how many: set ECFX_SHARD_COUNT to the job’s completions'
        : `part ${completion} of ${completions} makes no shard`,
    );
  }
  throw new EcfxError('usage', '--shard auto found neither a Slurm array nor an indexed Kubernetes job', {
    suggestions: ['Say which part this is, such as --shard 1/4.'],
  });
}

function checkShard(index: number, count: number, problem: string): ShardOfRun {
  if (Number.isInteger(index) && Number.isInteger(count) && index >= 1 && index <= count)
    return { index, count };
  throw new EcfxError('usage', problem, {
    suggestions: ['Write the part and the number of parts, such as 1/4 to 4/4.'],
  });
}
