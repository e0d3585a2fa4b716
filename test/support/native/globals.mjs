const RUN = new URL(import.meta.url).search;

// A spec file's own run has its own tests; a module that is loaded once for several files must find those of the one that runs.
const running = name =>
  RUN
    ? globalThis[name]
    : new Proxy(() => undefined, {
        apply: (_, __, values) => globalThis[name](...values),
        get: (_, key) => globalThis[name][key],
      });

export const [afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test] = [
  'afterAll',
  'afterEach',
  'beforeAll',
  'beforeEach',
  'describe',
  'expect',
  'it',
  'jest',
  'test',
].map(running);
