import { spawn } from 'node:child_process';
import readline from 'node:readline';

/** A process that answers a line for a line: it says `ready` once, and then something for each `ask`. */
export function startRunner(name, command, args, env = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended early`);
    return value;
  };
  const ask = (question) => {
    child.stdin.write(`${question}\n`);
    return line();
  };
  return { name, line, ask, end: () => child.stdin.end(), kill: () => child.kill('SIGKILL') };
}
