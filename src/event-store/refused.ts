/** A refusal of the message itself, or of the sender for now. `retryAfter` is in seconds. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly retryAfter?: number,
  ) {
    super(message);
    this.name = 'Refused';
  }
}
