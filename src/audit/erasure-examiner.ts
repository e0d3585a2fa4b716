import { setTimeout as sleep } from 'node:timers/promises';
import { caseStream } from '../cases/case.stream.js';
import { sealedStreamsOf } from '../cases/erasure.state.js';
import { categoryOf, idOf, type EventStore, type StoredEvent } from '../event-store/event-store.js';
import type { Examiner } from '../operating/examiners.js';
import { Findings } from '../operating/findings.js';
import type { DataKeys } from '../personal-data/data-keys.js';

/** An erasure that was stored a moment ago is being carried out. */
const LOOK_AGAIN_MS = 2_000;

/** Whether nobody can open any more what was erased. */
export class ErasureExaminer implements Examiner {
  readonly name = 'erasures';
  private erasures = 0;
  private readonly unfinished: StoredEvent[] = [];

  constructor(
    private readonly store: EventStore,
    private readonly keys: DataKeys,
  ) {}

  async see(batch: readonly StoredEvent[]): Promise<void> {
    for (const event of batch) {
      if (event.type !== 'PersonalDataErased' || categoryOf(event.stream) !== caseStream.category) continue;
      this.erasures += 1;
      if ((await this.standing(event)) > 0) this.unfinished.push(event);
    }
  }

  async end(): Promise<{ findings: readonly string[]; allWell: string }> {
    const findings = new Findings();
    if (this.unfinished.length > 0) await sleep(LOOK_AGAIN_MS);
    for (const event of this.unfinished) {
      const standing = await this.standing(event);
      if (standing > 0) findings.add(event, `erased, and ${standing} of its keys are not destroyed: does a service run?`);
    }
    return { findings: findings.lines, allWell: `nothing opens what was erased, ${this.erasures} times` };
  }

  /** How many keys still open what was sealed before the erasure. */
  private async standing({ stream: erased, revision, position }: StoredEvent): Promise<number> {
    const named = new Set<string>();
    for (const { stream, to } of sealedStreamsOf(idOf(erased), revision))
      for await (const batch of this.store.readStream(stream, { to }))
        for (const event of batch) if (event.metadata.keyId !== undefined && event.position < position) named.add(event.metadata.keyId);
    return named.size - (await this.keys.unusable([...named])).size;
  }
}
