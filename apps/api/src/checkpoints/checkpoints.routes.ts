import { checkpoint, listQuery, page } from '@regatta/contracts';
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
