/** The process itself: a test runs in the same world as what it tests, as in a service. */
export default class NativeEnvironment {
  global = globalThis;
  fakeTimers = null;
  fakeTimersModern = null;
  #before = { console: globalThis.console, exit: process.exit };

  /** None: what is loaded once is there for the next spec file of this worker too. */
  getVmContext() {
    return null;
  }

  async setup() {
    globalThis.afterSpecFile = [];
  }

  /** What the file's tests have shared is done with. */
  async teardown() {
    const ends = globalThis.afterSpecFile;
    delete globalThis.afterSpecFile;
    for (const end of ends) await end();
    globalThis.console = this.#before.console;
    process.exit = this.#before.exit;
  }
}
