/** A shell command that queues this body, with the key where the start of the server left it. */
export function asCurl(body: unknown): string {
  const json = JSON.stringify(body, null, 2).replaceAll("'", `'\\''`);
  return [
    `curl ${window.location.origin}/api/v1/runs \\`,
    `  -H "authorization: Bearer $(cat .regatta/api-key)" \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '${json}'`,
  ].join('\n');
}
