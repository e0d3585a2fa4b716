/** The one clock that decisions, reads and timers go by. Token expiry alone stays on real time. */
export abstract class Clock {
  /** RFC 3339 UTC; milliseconds only where there are some. */
  abstract now(): string;
  /** Takes over a time that another process has set; only a training copy's clock has anything to do. */
  abstract refresh(): Promise<void>;
}
