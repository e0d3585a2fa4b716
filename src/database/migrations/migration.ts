/** One step forward of the database; what has landed is never changed, only followed by another. */
export interface Migration {
  /** Ascending; a new one is above all that have landed. */
  readonly version: number;
  readonly name: string;
  /** Made before it where the database lacks them. */
  readonly extensions?: readonly string[];
  /** Run once, in one transaction, by the role that owns the tables. */
  readonly sql: string;
  /** Run at every start, so that another service role gets its rights; `role` is a quoted identifier. */
  readonly grants?: (role: string) => string;
}
