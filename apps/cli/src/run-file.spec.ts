import { describe, expect, it } from '@jest/globals';
import { ProblemError, UnreachableError } from '@regatta/client';
import { exitCodeOf, UsageError } from './exit-codes.js';
import { RunFile } from './run-file.js';

const yaml = 'task: bert-pretrain\ndataset: brown\ntraining:\n  maxSteps: 0\n';
const json = '{\n  "task": "bert-pretrain",\n  "model": { "layers": [1, "x"] }\n}\n';

describe('a file that describes a run', () => {
  it('knows where each field stands, in YAML and in JSON', () => {
    const one = new RunFile('run.yaml', yaml);
    expect(one.body).toEqual({ task: 'bert-pretrain', dataset: 'brown', training: { maxSteps: 0 } });
    expect(one.where('training.maxSteps')).toBe('run.yaml:4:13');
    expect(new RunFile('run.json', json).where('model.layers.1')).toBe('run.json:3:28');
  });

  it('points to the object that lacks a field', () => {
    expect(new RunFile('run.yaml', yaml).where('training.seed')).toBe('run.yaml:4:3');
    expect(new RunFile('run.yaml', yaml).where('')).toBe('run.yaml:1:1');
  });

  it.each([
    ['{"task": "bert-pretrain"\n "dataset": 1}', /^run:2:2: /],
    ['a: 1\na: 2', /^run:2:1: .*unique/],
    ['just words', /^run:1:1: a run is described by an object/],
    ['', /^run:1:1: a run is described by an object/],
    ['[1]', /^run:1:1: a run is described by an object/],
  ])('refuses %j with the line', (text, message) => {
    expect(() => new RunFile('run', text)).toThrow(message);
    expect(() => new RunFile('run', text)).toThrow(UsageError);
  });

  it('puts lines to what the API found wrong, and leaves other errors alone', () => {
    const errors = [{ path: 'training.maxSteps', message: 'must be at least 1' }];
    const problem = new ProblemError({ status: 422, title: 'Invalid', detail: 'The run is not valid.', errors });
    const said = new RunFile('run.yaml', yaml).explain(problem) as Error;
    expect(said.message).toBe('The run is not valid.\nrun.yaml:4:13: training.maxSteps: must be at least 1');
    const other = new ProblemError({ status: 409, title: 'Conflict' });
    expect(new RunFile('run.yaml', yaml).explain(other)).toBe(other);
  });

  it('says which file cannot be read', () => {
    expect(() => RunFile.read('/nowhere/run.json')).toThrow(/^\/nowhere\/run\.json: ENOENT/);
  });
});

describe('exit codes', () => {
  it('tell apart what can be tried again', () => {
    expect(exitCodeOf(new UsageError('no'))).toBe(2);
    expect(exitCodeOf(new UnreachableError('http://x', undefined))).toBe(3);
    expect(exitCodeOf(new ProblemError({ status: 503, title: 'Busy' }))).toBe(3);
    expect(exitCodeOf(new ProblemError({ status: 404, title: 'No such run' }))).toBe(1);
    expect(exitCodeOf(new Error('broken'))).toBe(1);
  });
});
