import { existsSync, readFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ModuleMocker } from 'jest-mock';
import JestRuntime from 'jest-runtime';
import { codeAt } from './code.mjs';

const require = createRequire(import.meta.url);
const hooks = require('node:async_hooks');
const ADAPTER = /jestAdapterInit/;
let registered = false;

/**
 * Which test runs, for Jest. Its own storage is for tests side by side, of which there are none, and has Node follow every promise of
 * what is tested.
 */
class CurrentTest {
  #test;

  run(test, work) {
    this.#test = test;
    return work();
  }

  getStore() {
    return this.#test;
  }
}

/** Where the source map of a module is that the hooks have loaded. */
class SourceMaps extends Map {
  constructor(cache) {
    super();
    this.cache = cache;
  }

  /** Asked for every line of every stack that is looked at, as gRPC and streams do of each error: a source is read once. */
  get(source) {
    if (!source.startsWith('file:') || !/\.ts(?:\?|$)/.test(source)) return undefined;
    if (!this.has(source)) this.set(source, this.#mapOf(fileURLToPath(source.replace(/\?.*/, ''))));
    return super.get(source) || undefined;
  }

  /** @returns an empty path where there is none */
  #mapOf(path) {
    const map = existsSync(path) ? `${codeAt(this.cache, path, readFileSync(path, 'utf8'))}.map` : '';
    return existsSync(map) ? map : '';
  }
}

/**
 * What drives a browser asks for the stack of each of its calls, most frames of which are of packages: those have no map, which Jest
 * would look for in each.
 */
function mapOwnFramesAlone() {
  const mapped = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, frames) => {
    const head = mapped(error, []);
    const told = frames.map(frame =>
      /\.ts(?:\?|$)/.test(frame.getFileName()) ? mapped(error, [frame]).slice(head.length) : `\n    at ${frame}`,
    );
    return head + told.join('');
  };
}

/**
 * Loads modules as Node itself does, once for all spec files of a worker: the application is what takes long to load.
 * A spec that needs a world of its own says `@jest-environment node`.
 */
export default class NativeRuntime {
  constructor(...made) {
    const [config, environment] = made;
    if (environment.getVmContext() !== null) return new JestRuntime(...made);
    if (!registered) register('./hooks.mjs', { parentURL: import.meta.url, data: { cache: config.cacheDirectory } });
    registered = true;
    this.sourceMaps = new SourceMaps(config.cacheDirectory);
    this.mocker = new ModuleMocker(globalThis);
  }

  getSourceMaps() {
    return this.sourceMaps;
  }

  /** Jest's own parts; what holds the tests of one file is made anew for each. */
  requireInternalModule(path) {
    if (!ADAPTER.test(path)) return require(path);
    delete require.cache[path];
    delete globalThis[Symbol.for('EVENT_HANDLERS')];
    const { AsyncLocalStorage } = hooks;
    hooks.AsyncLocalStorage = CurrentTest;
    try {
      return require(path);
    } finally {
      hooks.AsyncLocalStorage = AsyncLocalStorage;
    }
  }

  requireModule(path) {
    return require(path);
  }

  unstable_shouldLoadAsEsm(path) {
    return /\.m?[jt]s$/.test(path) && !path.includes('node_modules');
  }

  unstable_importModule(path) {
    // A spec file is run as often as it is asked for, even where another imports it.
    return import(pathToFileURL(path).href + (path.endsWith('.spec.ts') ? `?run=${Date.now()}` : ''));
  }

  setGlobalsForRuntime(globals) {
    const { mocker } = this;
    mapOwnFramesAlone();
    Object.assign(globalThis, globals, { jest: { fn: mocker.fn.bind(mocker), spyOn: mocker.spyOn.bind(mocker) } });
  }

  getAllCoverageInfoCopy() {
    return undefined;
  }

  enterTestCode() {}

  leaveTestCode() {}

  teardown() {
    this.mocker.restoreAllMocks();
  }
}
