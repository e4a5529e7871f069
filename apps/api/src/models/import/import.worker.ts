import { parentPort, workerData } from 'node:worker_threads';
import { outcomeOf } from '../../threads.js';
import { type ImportJob, importFolder } from './import-folder.js';

/** A thread that reads one model, so that the API's own thread stays free. */
parentPort?.postMessage(await outcomeOf(() => importFolder(workerData as ImportJob)));
