import { execFileSync } from 'node:child_process';

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

/** Why network namespaces cannot be made here; null: they can. */
export function whyNoNamespaces(): string | null {
  const probe = `regatta-${process.pid}`;
  try {
    ip('netns', 'add', probe);
    ip('link', 'add', `rp${process.pid}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', probe);
    return null;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  } finally {
    try {
      ip('netns', 'del', probe);
    } catch {
      // it was never made
    }
  }
}

/** A network namespace with one cable to this machine; addresses of 10.213 that lead nowhere else. */
export class Namespace {
  readonly name: string;
  /** This machine, as seen from inside. */
  readonly host: string;
  private readonly link: string;

  /** `index`: 0 to 63, another one for each of a test. */
  constructor(index: number) {
    const net = `10.213.${process.pid % 250}`;
    this.name = `regatta-${process.pid}-${index}`;
    this.link = `rg${process.pid}n${index}`;
    this.host = `${net}.${index * 4 + 1}`;
    ip('netns', 'add', this.name);
    ip('link', 'add', this.link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.name);
    ip('addr', 'add', `${this.host}/30`, 'dev', this.link);
    ip('link', 'set', this.link, 'up');
    ip('-n', this.name, 'addr', 'add', `${net}.${index * 4 + 2}/30`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) ip('-n', this.name, 'link', 'set', device, 'up');
  }

  /** What starts a program inside. */
  get command(): string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  /** Pulls the cable out: nothing passes, and nobody is told. */
  cut(): void {
    ip('link', 'set', this.link, 'down');
  }

  mend(): void {
    ip('link', 'set', this.link, 'up');
  }

  remove(): void {
    ip('netns', 'del', this.name);
  }
}
