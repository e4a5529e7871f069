import { listQuery, page, project, projectBody, projectPatch } from '@regatta/contracts';
import { route } from '../http/route.js';

const tag = 'projects';
const path = '/api/v1/projects';

export const listProjects = route({
  method: 'get',
  path,
  tag,
  summary: 'Projects, newest first',
  role: 'viewer',
  query: listQuery,
  answers: { 200: { description: 'A page of projects', schema: page(project) } },
});

export const createProject = route({
  method: 'post',
  path,
  tag,
  summary: 'Make a project',
  role: 'member',
  body: projectBody,
  answers: { 201: { description: 'The project', schema: project } },
  creates: true,
});

export const patchProject = route({
  method: 'patch',
  path: `${path}/:id`,
  tag,
  summary: 'Change name or description',
  role: 'member',
  body: projectPatch,
  answers: { 200: { description: 'The changed project', schema: project } },
  fails: [409],
});

export const deleteProject = route({
  method: 'delete',
  path: `${path}/:id`,
  tag,
  summary: 'Delete a project that has no runs',
  role: 'member',
  answers: { 204: { description: 'Deleted' } },
  fails: [409],
});
