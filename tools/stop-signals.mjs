/**
 * Aborted by Ctrl-C, SIGTERM or a closed terminal. Ctrl-C may arrive twice (from the terminal and from npm), so that a
 * second one changes nothing: what runs is stopping in order already.
 * @returns {AbortSignal}
 */
export function stopSignals() {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => {
      if (!controller.signal.aborted) console.error('\nStopping; what runs now goes on at the next start…');
      controller.abort();
    });
  }
  return controller.signal;
}
