import { Gathering } from '../database/gathering.js';
import type { DataKeys } from '../personal-data/data-keys.js';
import { type AppendRequest, type AppendResult, type EventStore, KeyNotCommitted } from './event-store.js';
import { ForwardingEventStore } from './forwarding-event-store.js';

/**
 * An event store that lies apart from the data keys: no event goes there before its key was seen in the database, which may
 * have gone back to an older copy meanwhile.
 */
export class KeysCommitted extends ForwardingEventStore {
  /** Of the keys named by each append, those that may not be used. */
  readonly #unusable = new Gathering<readonly string[], ReadonlySet<string>>(async asked => {
    const unusable = await this.keys.unusable([...new Set(asked.flat())]);
    return () => unusable;
  });

  constructor(
    store: EventStore,
    private readonly keys: DataKeys,
  ) {
    super(store);
  }

  override async append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    const keyIds = new Set(requests.flatMap(keysOf));
    if (keyIds.size > 0) {
      const unusable = await this.#unusable.ask([...keyIds]);
      const keyless = requests.find(request => keysOf(request).some(keyId => unusable.has(keyId)));
      if (keyless) throw new KeyNotCommitted(keyless.stream);
    }
    return this.store.append(requests);
  }
}

const keysOf = ({ events }: AppendRequest): string[] => events.flatMap(({ metadata: { keyId } }) => (keyId === undefined ? [] : [keyId]));
