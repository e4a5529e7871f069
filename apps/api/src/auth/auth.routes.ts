import { apiKey, apiKeyBody, createdApiKey, me, page, signInBody, signInLink } from '@regatta/contracts';
import { route } from '../http/route.js';

const tag = 'auth';

export const getMe = route({
  method: 'get',
  path: '/api/v1/me',
  tag,
  summary: 'Who this key or session is',
  role: 'viewer',
  answers: { 200: { description: 'The name and role of the key', schema: me } },
});

export const signIn = route({
  method: 'post',
  path: '/api/v1/sign-in',
  tag,
  summary: 'Exchange an API key for a session cookie (browsers)',
  role: 'open',
  body: signInBody,
  answers: { 200: { description: 'Signed in; cookies regatta-session and regatta-csrf are set', schema: me } },
  fails: [401],
});

export const signOut = route({
  method: 'post',
  path: '/api/v1/sign-out',
  tag,
  summary: 'End the session of this cookie',
  role: 'viewer',
  answers: { 204: { description: 'Signed out' } },
});

export const useSignInLink = route({
  method: 'get',
  path: '/signin',
  tag,
  summary: 'Open a one-time sign-in link in a browser',
  role: 'open',
  answers: {
    303: { description: 'To the dashboard, signed in; or to its sign-in page, where the link is used up or expired' },
  },
});

export const createSignInLink = route({
  method: 'post',
  path: '/api/v1/sign-in-links',
  tag,
  summary: 'Make a link that signs one browser in as this key, once, within ten minutes',
  role: 'admin',
  answers: { 201: { description: 'The link, shown once', schema: signInLink } },
  creates: true,
  shownOnce: ['url'],
});

export const createApiKey = route({
  method: 'post',
  path: '/api/v1/api-keys',
  tag,
  summary: 'Make an API key',
  role: 'admin',
  body: apiKeyBody,
  answers: { 201: { description: 'The key, shown once', schema: createdApiKey } },
  creates: true,
  shownOnce: ['key'],
});

export const listApiKeys = route({
  method: 'get',
  path: '/api/v1/api-keys',
  tag,
  summary: 'API keys, newest first',
  role: 'admin',
  answers: { 200: { description: 'All keys, without their secrets', schema: page(apiKey) } },
});

export const deleteApiKey = route({
  method: 'delete',
  path: '/api/v1/api-keys/:id',
  tag,
  summary: 'Revoke an API key and the sessions opened with it',
  role: 'admin',
  answers: { 204: { description: 'Revoked' } },
});
