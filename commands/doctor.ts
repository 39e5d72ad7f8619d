import * as Flags from '@oclif/core/flags';
import { doctorTable } from '../reports/tables/doctor-table.ts';
import { renderTable } from '../reports/tables/render-table.ts';
import { diagnose, type DoctorResult } from '../src/bench/doctor.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { tableFlags } from '../src/cli/output-flags.ts';

export default class DoctorCommand extends BaseCommand<DoctorResult> {
  static override summary = 'Say what this machine can measure on, and how to get the rest.';

  static override description =
    'Every device of every engine is tried in a process of its own: whether its library is installed and loads, and ' +
    'whether what it computes is right. For each “no” the reason and the remedy.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  static override flags = {
    timeout: Flags.integer({
      summary: 'Seconds that a device is given before it counts as hanging.',
      default: 60,
      min: 1,
      max: 3600,
    }),
    ...tableFlags,
  };

  async run(): Promise<DoctorResult> {
    const { flags } = await this.parse(DoctorCommand);
    const result = await diagnose(flags.timeout);
    this.print(renderTable(doctorTable(result), flags));
    return result;
  }
}
