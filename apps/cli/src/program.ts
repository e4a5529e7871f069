import { Command } from 'commander';
import { addCompletionCommand } from './commands/completion.js';
import { addDatasetCommands } from './commands/datasets.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addLocalCommands } from './commands/local.js';
import { addModelCommands } from './commands/models.js';
import { addRunCommands } from './commands/runs.js';
import { addChaosCommand, addWorkerCommands } from './commands/workers.js';
import { exitCodesHelp } from './exit-codes.js';

/** The command `regatta` with all that it can do. */
export function buildProgram(): Command {
  const program = new Command('regatta')
    .description('Train attention models on many workers: the REST API for a terminal')
    .option('--url <url>', 'where the API is (default: REGATTA_URL, or this machine and PORT)')
    .option('--json', "print the API's answers as JSON; completion, up and demo ask the API nothing and ignore it")
    .addHelpText('after', exitCodesHelp)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what it takes)');
  addLocalCommands(program);
  addRunCommands(program);
  addDatasetCommands(program);
  addModelCommands(program);
  addWorkerCommands(program);
  addChaosCommand(program);
  addDoctorCommand(program);
  addCompletionCommand(program);
  return program;
}
