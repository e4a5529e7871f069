interface SystemError extends Error {
  code?: string;
  port?: number;
  address?: string;
  errors?: Error[];
}

const away = new Set(['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EAI_AGAIN', 'ECONNRESET', '57P03']);

/** Why the API did not start, in one sentence where the reason is known. */
export function explainStart(error: unknown): string {
  const known = error as SystemError;
  if (known.code === 'EADDRINUSE') return `Port ${known.port} is in use by another program: set PORT to a free one.`;
  if (known.code === 'EACCES' && known.port)
    return `Port ${known.port} may not be used by this user: set PORT to one above 1023.`;
  if (known.code === 'ENOSPC') return 'The disk is full: free some space and start again.';
  const codes = [known.code, ...(known.errors ?? []).map((inner) => (inner as SystemError).code)];
  if (codes.some((code) => code && away.has(code)))
    return 'The database of DATABASE_URL is not reachable: is it running?';
  if (known.code === '28P01' || known.code === '28000')
    return 'The database of DATABASE_URL refuses its user or password.';
  if (known.code === '3D000') return 'The database that DATABASE_URL names does not exist: create it first.';
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
