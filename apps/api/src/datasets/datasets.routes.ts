import { dataset, datasetPreview, datasetUpload, listQuery, page } from '@regatta/contracts';
import { route } from '../http/route.js';

const tag = 'datasets';
const path = '/api/v1/datasets';

export const createDataset = route({
  method: 'post',
  path,
  tag,
  summary: 'Upload a dataset; the same bytes and options under the same name are the same version',
  role: 'member',
  multipart: datasetUpload,
  answers: {
    201: { description: 'A new dataset, or a new version of one', schema: dataset },
    200: { description: 'These bytes are there already', schema: dataset },
  },
  creates: true,
  fails: [507],
});

export const listDatasets = route({
  method: 'get',
  path,
  tag,
  summary: 'Datasets and their versions, newest first',
  role: 'viewer',
  query: listQuery,
  answers: { 200: { description: 'A page of datasets', schema: page(dataset) } },
});

export const getDataset = route({
  method: 'get',
  path: `${path}/:id`,
  tag,
  summary: 'A dataset',
  role: 'viewer',
  answers: { 200: { description: 'The dataset', schema: dataset } },
});

export const previewDataset = route({
  method: 'get',
  path: `${path}/:id/preview`,
  tag,
  summary: 'The first documents, a list of sentences each, or the first examples',
  role: 'viewer',
  answers: { 200: { description: 'At most 20 documents or examples', schema: datasetPreview } },
});

export const deleteDataset = route({
  method: 'delete',
  path: `${path}/:id`,
  tag,
  summary: 'Delete a version that no run or model points to',
  role: 'member',
  answers: { 204: { description: 'Deleted' } },
  fails: [409],
});
