/** Of an extended query, all but its end: Parse, Bind, Describe, Execute, Close. */
const begun = new Set(Array.from('PBDEC', (letter) => letter.charCodeAt(0)));
const nothing = new Uint8Array();

/**
 * `db` (a PGlite) as the socket server should see it: an extended query, which comes in five messages from Parse to Sync, is given to it whole.
 * So it is one call into WebAssembly instead of five. And the socket server takes turns between its connections message by message, so that one
 * connection's Bind could meet another's unnamed statement ("bind message supplies 7 parameters, but prepared statement "" requires 4");
 * it keeps to one connection inside a transaction, however, so to it a query that has begun and not reached its Sync (or Flush) looks like one.
 */
export function wholeQueries(db) {
  let held = [];
  const execProtocolRawStream = async (message, options) => {
    held.push(message);
    if (begun.has(message[0])) return nothing;
    const whole = held.length === 1 ? message : new Uint8Array(Buffer.concat(held));
    held = [];
    return db.execProtocolRawStream(whole, options);
  };
  // The server's own ROLLBACK, when a connection is gone: what it had begun to say goes with it.
  const exec = async (...args) => {
    held = [];
    return db.exec(...args);
  };
  const isInTransaction = () => held.length > 0 || db.isInTransaction();
  const own = { execProtocolRawStream, exec, isInTransaction };
  return new Proxy(db, {
    get(target, name) {
      const value = own[name] ?? Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
