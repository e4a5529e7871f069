// The socket server takes turns between its connections message by message, so that one connection's Bind could meet another's unnamed
// statement ("bind message supplies 7 parameters, but prepared statement "" requires 4"). It does keep to one connection inside a
// transaction, however: so to it an extended query that has begun and not reached its Sync looks like one.
const extended = new Set(Array.from('PBDECH', (letter) => letter.charCodeAt(0)));

/** `db` (a PGlite) as the socket server should see it: from Parse to Sync, one connection's messages stay together. */
export function wholeQueries(db) {
  let open = false;
  const execute = async (message, options) => {
    open = extended.has(message[0]);
    return db.execProtocolRawStream(message, options);
  };
  return new Proxy(db, {
    get(target, name) {
      if (name === 'execProtocolRawStream') return execute;
      if (name === 'isInTransaction') return () => open || target.isInTransaction();
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
