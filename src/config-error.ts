/** A setting is wrong: one line that names every variable at fault. */
export class ConfigError extends Error {
  constructor(faults: readonly string[], options?: ErrorOptions) {
    super(faults.join('; '), options);
    this.name = 'ConfigError';
  }
}
