import { dryRun, page, run, runConfig, runListQuery, runPatch } from '@regatta/contracts';
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

export const deleteRun = route({
  method: 'delete',
  path: `${path}/:id`,
  tag,
  summary: 'Delete a finished run with its metrics, events and checkpoints',
  role: 'member',
  answers: { 204: { description: 'Deleted' } },
  fails: [409],
});
