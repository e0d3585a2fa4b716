/** The one clock that decisions, reads and timers go by. Token expiry alone stays on real time. */
export abstract class Clock {
  /** RFC 3339 UTC; milliseconds only where there are some. */
  abstract now(): string;
  /** Takes over a time that another process has set; only a training copy's clock has anything to do. */
  abstract refresh(): Promise<void>;
  /**
   * Lets work be done at one time: a training copy's is not moved before it has ended.
   * @throws DatabaseUnavailable where nothing was begun; what the work throws
   */
  abstract during<Result>(work: () => Promise<Result>): Promise<Result>;
}
