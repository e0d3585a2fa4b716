import { Injectable } from '@nestjs/common';
import type { StoredEvent } from '../event-store/event-store.js';

/** Looks at every stored event, in the order of the store, for whatever else is made of them. */
export interface Examiner {
  readonly name: string;
  /** @throws StoreUnavailable, DatabaseUnavailable */
  see(batch: readonly StoredEvent[]): Promise<void>;
  /** What is not well, a line each; and what to say where all is. @throws DatabaseUnavailable */
  end(): Promise<{ readonly findings: readonly string[]; readonly allWell: string }>;
}

/** Where features tell the doctor what to look at. */
@Injectable()
export class Examiners {
  private readonly makers: (() => Examiner)[] = [];

  /** Once, while the application is put together; the examiner is made for each examination. */
  add(make: () => Examiner): void {
    this.makers.push(make);
  }

  all(): Examiner[] {
    return this.makers.map(make => make());
  }
}
