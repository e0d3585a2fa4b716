import { Refused } from '../../event-store/refused.js';

const RETRY_AFTER_S = 1;

/** The log has not taken in what was stored last, or no head of it can be signed. Asking again may work. */
export class LogBehind extends Refused {
  constructor(message = 'The log has not come as far as what was stored last. The same request may be sent again.') {
    super('read-model-behind', message, RETRY_AFTER_S);
    this.name = 'LogBehind';
  }
}
