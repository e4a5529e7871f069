import { checkpoint, listQuery, model, page } from '@regatta/contracts';
import { route } from '../http/route.js';

const tag = 'checkpoints';
const path = '/api/v1/runs/:id/checkpoints';

export const listCheckpoints = route({
  method: 'get',
  path,
  tag,
  summary: 'Checkpoints of a run, newest first',
  role: 'viewer',
  query: listQuery,
  answers: { 200: { description: 'A page of checkpoints', schema: page(checkpoint) } },
});

export const deleteCheckpoint = route({
  method: 'delete',
  path: `${path}/:step`,
  tag,
  summary: 'Delete a checkpoint that no model and no active run needs',
  role: 'member',
  answers: { 204: { description: 'Deleted' } },
  fails: [409],
});

export const promoteCheckpoint = route({
  method: 'post',
  path: `${path}/:step/promote`,
  tag,
  summary: 'Make a checkpoint a model, beside the one that its run registers at the end',
  role: 'member',
  answers: {
    201: { description: 'The new model', schema: model },
    200: { description: 'It is a model already', schema: model },
  },
  creates: true,
});
