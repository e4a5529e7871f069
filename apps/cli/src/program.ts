import { Command } from 'commander';
import { addDatasetCommands } from './commands/datasets.js';
import { addModelCommands } from './commands/models.js';
import { addRunCommands } from './commands/runs.js';
import { addChaosCommand, addDoctorCommand, addWorkerCommands } from './commands/workers.js';

/** The command `regatta` with all that it can do. */
export function buildProgram(): Command {
  const program = new Command('regatta')
    .description('Train attention models on many workers: the REST API for a terminal')
    .option('--url <url>', 'where the API is (default: REGATTA_URL, or this machine and PORT)')
    .option('--json', "print the API's answers as JSON")
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what it takes)');
  addRunCommands(program);
  addDatasetCommands(program);
  addModelCommands(program);
  addWorkerCommands(program);
  addChaosCommand(program);
  addDoctorCommand(program);
  return program;
}
