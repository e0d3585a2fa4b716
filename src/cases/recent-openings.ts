import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { ApplicantIdentity } from './case.events.js';
import { alienNumbersOf } from './applicant.state.js';

/** What makes two files look like one person's: any number of either, or the names and birth date. */
export type Person = Partial<ApplicantIdentity>;

/** Names as they are compared: without regard to case, accents' encoding and spacing. */
const comparable = (name: string): string => name.normalize('NFC').toLowerCase().trim().replaceAll(/\s+/g, ' ');

/** Equal for equal names and birth date; undefined where none of the names or no birth date is known. */
const personKey = ({ givenNames = '', familyName = '', birthDate }: Person): string | undefined =>
  givenNames + familyName === '' || birthDate === undefined
    ? undefined
    : JSON.stringify([comparable(givenNames), comparable(familyName), birthDate]);

/** Of one person: each is looked up in the store with each opening that follows. */
const NEWEST = 20;

/** How long somebody is remembered, in milliseconds: who was erased is known to nobody for longer than a data key is. */
const REMEMBERED_MS = 60_000;

/** The newest openings that this process has stored and that the read model may not show yet. */
@Injectable()
export class RecentOpenings {
  // Bounded by what it holds, it takes no memory before it holds any.
  private readonly byKey = new LRUCache<string, readonly string[]>({
    maxSize: 20_000,
    ttl: REMEMBERED_MS,
    sizeCalculation: caseIds => caseIds.length,
  });
  private purgedAt = 0;

  add(caseId: string, person: Person): void {
    const now = performance.now();
    if (now - this.purgedAt > REMEMBERED_MS) {
      this.purgedAt = now;
      this.byKey.purgeStale();
    }
    for (const key of keysOf(person)) {
      const known = this.byKey.get(key) ?? [];
      if (!known.includes(caseId)) this.byKey.set(key, [...known, caseId].slice(-NEWEST));
    }
  }

  of(person: Person): string[] {
    return keysOf(person).flatMap(key => this.byKey.get(key) ?? []);
  }
}

const keysOf = (person: Person): string[] =>
  [personKey(person), ...alienNumbersOf(person)].filter((key): key is string => key !== undefined);
