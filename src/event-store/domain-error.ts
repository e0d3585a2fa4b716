export interface Violation {
  readonly code: string;
  readonly message: string;
  /** JSON pointer into the command's body, where one field is at fault. */
  readonly pointer?: string;
}

/** A rule refused. `code` is the first of `violations`; messages never repeat personal data. */
export class DomainError extends Error {
  readonly violations: readonly Violation[];

  constructor(
    readonly code: string,
    message: string,
    violations: readonly Violation[] = [{ code, message }],
    /** Further members of the answer, such as `currentStatus`. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'DomainError';
    this.violations = violations;
  }
}
