import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig, required } from './index.js';

describe('loadConfig', () => {
  it('has a default for everything that can have one', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      workers: 2,
      threads: 1,
      engine: 'compiled',
      logLevel: 'info',
    });
    expect(config.dataDir).toBe(path.resolve('.regatta'));
    expect(config.artifactsUrl).toBe(`file://${path.resolve('.regatta/artifacts')}`);
    expect(loadConfig({ DATA_DIR: '/a b#c' }).artifactsUrl).toBe('file:///a%20b%23c/artifacts');
  });

  it('splits several gradient servers', () => {
    expect(loadConfig({ GRADIENT_REDIS_URL: 'redis://a:1, redis://b:2' }).gradientRedisUrls).toEqual([
      'redis://a:1',
      'redis://b:2',
    ]);
  });

  it('names the wrong variable and never its value', () => {
    const attempt = () => loadConfig({ PORT: 'secret-port', REDIS_URL: 'http://user:hunter2@host' });
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(/PORT: .*\n.*REDIS_URL: must start with redis:/);
    expect(attempt).not.toThrow(/hunter2|secret-port/);
  });

  it('takes an empty value as not set', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: '' })).toMatchObject({ port: 3000, databaseUrl: undefined });
  });

  it('says what to do when a needed setting is missing', () => {
    expect(() => required(loadConfig({}), 'redisUrl', 'REDIS_URL')).toThrow(/REDIS_URL is not set/);
  });
});
