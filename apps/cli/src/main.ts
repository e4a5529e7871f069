#!/usr/bin/env node
import { explain } from './output.js';
import { buildProgram } from './program.js';

try {
  await buildProgram().parseAsync();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
