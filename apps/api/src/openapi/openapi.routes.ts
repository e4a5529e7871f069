import { z } from 'zod';
import { route } from '../http/route.js';

export const getDocument = route({
  method: 'get',
  path: '/api/openapi.json',
  tag: 'openapi',
  summary: 'This document',
  role: 'open',
  answers: { 200: { description: 'OpenAPI 3.1', schema: z.record(z.string(), z.unknown()) } },
});
