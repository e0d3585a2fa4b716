import { Injectable } from '@nestjs/common';
import { caseStream, newestRevision } from '../cases/case.stream.js';
import type { CaseEvent } from '../cases/case.events.js';
import { EventStore, type StoredEvent } from '../event-store/event-store.js';
import { recordedEvents, withoutGap, type Opened } from '../event-store/recorded-events.js';
import type { Recorded } from '../event-store/stream-kind.js';
import { PersonalData } from '../personal-data/personal-data.js';

/** An event as it is stored, but for what is personal, which is opened: null where there is none or its key was destroyed. */
export interface AsStored extends Omit<StoredEvent, 'position' | 'personal'> {
  readonly personal: object | null;
}

/** A case's events as they are stored and as they are read, with what is personal in them opened. */
@Injectable()
export class CaseHistory {
  constructor(
    private readonly store: EventStore,
    private readonly personalData: PersonalData,
  ) {}

  /**
   * @param from the first revision @param to the last, both included
   * @param isEnough asked of the last event of each batch whether what follows need not be read
   * @throws DomainError `not-found` where there is no such case; StoreUnavailable
   */
  async read(
    caseId: string,
    from = 0,
    to?: number,
    isEnough: (last: Opened<CaseEvent>) => boolean = () => false,
  ): Promise<Opened<CaseEvent>[]> {
    const events: Opened<CaseEvent>[] = [];
    const { store, personalData } = this;
    for await (const batch of recordedEvents(caseStream, `case-${caseId}`, { store, personalData }, { from, to })) {
      for (const event of batch) events.push(event);
      const last = batch.at(-1);
      if (last && isEnough(last)) break;
    }
    if (events.length === 0) await this.newestRevision(caseId);
    return events;
  }

  /**
   * As they are stored, with what is personal opened: also what only a newer version of the service knows how to read.
   * @param from the first revision @param to the last, both included @throws EventsMissing, and as `read`
   */
  async asStored(caseId: string, from: number, to: number): Promise<AsStored[]> {
    const events: AsStored[] = [];
    const stream = `case-${caseId}`;
    for await (const batch of withoutGap(stream, this.store.readStream(stream, { from, to }), from)) {
      const opened = await this.personalData.openAll(batch);
      for (const [at, { stream, revision, id, type, schemaVersion, data, metadata }] of batch.entries())
        events.push({ stream, revision, id, type, schemaVersion, data, personal: opened[at] ?? null, metadata });
    }
    if (events.length === 0) await this.newestRevision(caseId);
    return events;
  }

  /** @throws DomainError `not-found`; StoreUnavailable */
  newestRevision(caseId: string): Promise<number> {
    return newestRevision(this.store, caseId);
  }

  /** What of these events is not personal. @throws StoreUnavailable */
  async readSealed(caseId: string, from: number, to: number): Promise<Recorded<CaseEvent>[]> {
    const events: Recorded<CaseEvent>[] = [];
    for await (const batch of recordedEvents(caseStream, `case-${caseId}`, { store: this.store }, { from, to }))
      for (const { event } of batch) events.push(event);
    return events;
  }
}
