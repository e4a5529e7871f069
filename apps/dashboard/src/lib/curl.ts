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

/** A shell command that queues this body by the command line, and follows it. */
export function asCli(body: unknown): string {
  const json = JSON.stringify(body, null, 2);
  return [`cat > run.json <<'END'`, json, 'END', 'npm run regatta -- run submit run.json --follow'].join('\n');
}
