import { PlainError } from './plain-error.mjs';

/** A link that signs a browser in once, made with the admin key of the installation. */
export async function signInLink({ url, apiKey }) {
  const answer = await fetch(`${url}/api/v1/sign-in-links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey()}` },
  });
  if (!answer.ok) throw new PlainError(`POST /api/v1/sign-in-links answered ${answer.status}: ${await answer.text()}`);
  return new URL((await answer.json()).url, url).href;
}
