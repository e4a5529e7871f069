import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { chart } from './chart.js';
import { wordsOf } from './commands/completion.js';
import { inspectMachine } from './machine.js';
import { buildProgram } from './program.js';

describe('chart', () => {
  it('falls from the top left to the bottom right where the values do', () => {
    const lines = chart([4, 3, 2, 1, 0, 0, 0, 0], { width: 8, height: 2 });
    expect(lines).toEqual(['   4.000 ┤⠁⠄', '   0.000 ┤  ⠁⠂⡀⡀⡀⡀']);
  });

  it('averages what does not fit, and draws a constant as a line', () => {
    expect(chart([8, 0, 2, 2], { width: 2, height: 1 })).toEqual(['   4.000 ┤⠁⡀']);
    expect(chart([1, 1, 1], { width: 9, height: 1 })).toEqual(['   1.000 ┤⡀⡀⡀']);
    expect(chart([1], { width: 9, height: 1 })).toEqual([]);
  });
});

describe('completion', () => {
  it('offers every command and option where it may stand', () => {
    const words = new Map(wordsOf(buildProgram()).map(({ path, next }) => [path, next]));
    expect(words.get('')).toEqual(
      expect.arrayContaining(['up', 'demo', 'run', 'dataset', 'model', 'worker', 'doctor', '--json']),
    );
    expect(words.get('run')).toEqual(expect.arrayContaining(['submit', 'watch', 'scale']));
    expect(words.get('run scale')).toEqual(['--min', '--max']);
  });

  it('works in bash', () => {
    const lines: string[] = [];
    const log = console.log;
    console.log = (line: string) => lines.push(line);
    try {
      buildProgram().parse(['node', 'regatta', 'completion', 'bash']);
    } finally {
      console.log = log;
    }
    const complete = (...words: string[]) => {
      const given = words.map((word) => `'${word}'`).join(' ');
      const script = `${lines.join('\n')}\nCOMP_WORDS=(${given}); COMP_CWORD=${words.length - 1}; _regatta; echo "\${COMPREPLY[*]}"`;
      return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim();
    };
    expect(complete('regatta', 'run', 'wat')).toBe('watch');
    expect(complete('regatta', '--json', 'run', 'scale', 'an-id', '--m')).toBe('--min --max');
    expect(complete('regatta', 'do')).toBe('doctor');
  });
});

describe('doctor', () => {
  it('says of this machine what is there, and of what is missing what to do', async () => {
    const findings = await inspectMachine(65_000, 'http://127.0.0.1:65000');
    expect(findings.map(({ what }) => what)).toEqual([
      'Node',
      'Redis',
      'Port 65000',
      'Cores',
      'Memory',
      'Disk',
      'Chromium',
      'Python',
    ]);
    expect(findings[0]).toMatchObject({ state: 'ok', found: process.versions.node });
    for (const { state, next } of findings) expect(next === '').toBe(state === 'ok');
  });
});
