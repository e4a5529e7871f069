import {
  dryRun,
  page,
  run,
  runConfig,
  runFork,
  runListQuery,
  runPatch,
  runScale,
  samples,
  samplesQuery,
} from '@regatta/contracts';
import { z } from 'zod';
import { route } from '../http/route.js';

const tag = 'runs';
const path = '/api/v1/runs';

export const createRun = route({
  method: 'post',
  path,
  tag,
  summary: 'Queue a run, or with dryRun=true only check it',
  role: 'member',
  query: z.strictObject({
    dryRun: z.enum(['true', 'false']).default('false').meta({ description: 'Only validate and estimate' }),
  }),
  body: runConfig,
  answers: {
    201: { description: 'The queued run', schema: run },
    200: { description: 'dryRun=true: it is valid, and what it would cost', schema: dryRun },
  },
  creates: true,
});

export const listRuns = route({
  method: 'get',
  path,
  tag,
  summary: 'Runs, newest first unless sorted otherwise',
  role: 'viewer',
  query: runListQuery,
  answers: { 200: { description: 'A page of runs', schema: page(run) } },
});

export const getRun = route({
  method: 'get',
  path: `${path}/:id`,
  tag,
  summary: 'A run',
  role: 'viewer',
  answers: { 200: { description: 'The run', schema: run } },
});

export const patchRun = route({
  method: 'patch',
  path: `${path}/:id`,
  tag,
  summary: 'Change name, notes, tags or priority',
  role: 'member',
  body: runPatch,
  answers: { 200: { description: 'The changed run', schema: run } },
});

export const cancelRun = route({
  method: 'post',
  path: `${path}/:id/cancel`,
  tag,
  summary: 'Stop a run within one step',
  role: 'member',
  answers: { 202: { description: 'It will stop', schema: run } },
  fails: [409],
});

export const pauseRun = route({
  method: 'post',
  path: `${path}/:id/pause`,
  tag,
  summary: 'Stop a run at its next step with a checkpoint; it holds no worker until it is resumed',
  role: 'member',
  answers: { 202: { description: 'It will pause', schema: run } },
  fails: [409],
});

export const resumeRun = route({
  method: 'post',
  path: `${path}/:id/resume`,
  tag,
  summary: 'Let a paused run go on from where it stopped',
  role: 'member',
  answers: { 202: { description: 'It will go on when workers are free', schema: run } },
  fails: [409],
});

export const scaleRun = route({
  method: 'post',
  path: `${path}/:id/scale`,
  tag,
  summary: 'Change how many workers a run may have; its numbers stay the same',
  role: 'member',
  body: runScale,
  answers: { 202: { description: 'Workers join or leave at the next step', schema: run } },
  fails: [409],
});

export const deleteRun = route({
  method: 'delete',
  path: `${path}/:id`,
  tag,
  summary: 'Delete a finished run with its metrics, events and checkpoints',
  role: 'member',
  answers: { 204: { description: 'Deleted' } },
  fails: [409],
});

export const getRunConfig = route({
  method: 'get',
  path: `${path}/:id/config`,
  tag,
  summary: 'The complete configuration of a run, defaults filled in',
  role: 'viewer',
  answers: { 200: { description: 'The configuration', schema: z.record(z.string(), z.unknown()) } },
});

export const retryRun = route({
  method: 'post',
  path: `${path}/:id/retry`,
  tag,
  summary: 'Queue a new run with the configuration, data and base of a finished one',
  role: 'member',
  answers: { 201: { description: 'The new run', schema: run } },
  creates: true,
});

export const forkRun = route({
  method: 'post',
  path: `${path}/:id/fork`,
  tag,
  summary: 'Queue a new run that goes on from a checkpoint of this one, with a configuration that may differ',
  role: 'member',
  body: runFork,
  answers: { 201: { description: 'The new run', schema: run } },
  fails: [409],
  creates: true,
});

export const listSamples = route({
  method: 'get',
  path: `${path}/:id/samples`,
  tag,
  summary: 'What evaluations left besides metrics, newest first: example predictions, tables, data for pictures',
  role: 'viewer',
  query: samplesQuery,
  answers: { 200: { description: 'A page of samples; the shape of data is told by kind', schema: page(samples) } },
});
