import { Refused } from '../../event-store/refused.js';

const RETRY_AFTER_S = 60;

/** A head was signed that this log does not extend: one that did sign again would be two logs under one name. */
export class LogForked extends Refused {
  constructor(origin: string, size: number) {
    super(
      'read-model-behind',
      `A head of ${origin} was signed over ${size} entries that are not those here: an older copy of the database was put in its ` +
        'place, or the log was altered. No head is signed until doctor has been asked and renew-log called.',
      RETRY_AFTER_S,
    );
    this.name = 'LogForked';
  }
}

/** LOG_KEY is not the key that has signed this log: two keys under one name could show two different pasts. */
export class LogKeyMismatch extends Refused {
  constructor(origin: string) {
    super(
      'read-model-behind',
      `LOG_KEY is not the key that signs the log ${origin}: no head is signed until the service has that one.`,
      RETRY_AFTER_S,
    );
    this.name = 'LogKeyMismatch';
  }
}
