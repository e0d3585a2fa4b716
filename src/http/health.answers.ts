import { AnyText, Bool, Instant, Nested, Nullable, OneOf, Optional, Rows, WholeNumber } from '../fields/fields.js';

/** What depends on nothing but this process. */
export class Live {
  @OneOf(['ok']) readonly status!: 'ok';
}

class Dependency {
  @OneOf(['up', 'down']) readonly status!: 'up' | 'down';
}

class StoreHealth extends Dependency {
  @AnyText({ description: 'The position of the newest event.' }) @Optional() readonly newest?: string;
}

class IssuerHealth extends Dependency {
  @OneOf(['reachable', 'away'], { description: 'While it is away, its last known keys go on to count.' })
  @Optional()
  readonly issuer?: 'reachable' | 'away';
  @Instant() @Optional() readonly awaySince?: string;
  @Instant({ description: 'When its keys were fetched.' }) @Optional() readonly keysFrom?: string;
}

/** How far something that follows the event store is. */
class Following {
  @AnyText() readonly name!: string;
  @AnyText({ description: 'The newest event that it has seen.' }) readonly position!: string;
  @Bool() readonly caughtUp!: boolean;
  @WholeNumber({ description: 'Events that it has not seen; 1,000 means at least so many.' }) readonly lagEvents!: number;
  @WholeNumber({ description: 'Since when it has not seen, or not answered, what was newest then.' }) readonly lagSeconds!: number;
  @Bool({ description: 'Whether it stands still though there is more.' }) readonly isStuck!: boolean;
  @AnyText({ description: 'Why it was stopped.' }) @Optional() readonly stopped?: string;
}

export class ReadModelHealth extends Following {
  @Bool({ description: 'Whether queries are answered from it: not so while it is built for the first time.' }) readonly isServed!: boolean;
  @WholeNumber({ description: 'Streams that are held back for repair.' }) readonly parked!: number;
  @AnyText({ description: 'How far one is that is built anew, to take its place: stream by stream first, then by positions.' })
  @Optional()
  readonly building?: string;
}

export class ProcessHealth extends Following {
  @WholeNumber({ description: 'Events that it has still to answer.' }) readonly pending!: number;
  @WholeNumber({ description: 'Of those, how many failed and are tried again.' }) readonly failed!: number;
  @WholeNumber({ description: 'Commands of its that a rule refused.' }) readonly refused!: number;
}

class ReadModelsHealth extends Dependency {
  @Rows(() => ReadModelHealth) @Optional() readonly models?: readonly ReadModelHealth[];
}

class ProcessesHealth extends Dependency {
  @Rows(() => ProcessHealth) @Optional() readonly processes?: readonly ProcessHealth[];
}

class WitnessHealth {
  @AnyText() readonly witness!: string;
  @WholeNumber({ description: 'Entries in the newest head that it has.' }) readonly size!: number;
  @Bool({ description: 'Whether a head that was signed more than two minutes ago has not reached it.' }) readonly late!: boolean;
  @Instant() @Nullable() readonly failingSince!: string | null;
  @AnyText() @Nullable() readonly failure!: string | null;
}

class LogHealth extends Dependency {
  @AnyText() @Optional() readonly position?: string;
  @WholeNumber({ description: 'Entries of the log.' }) @Optional() readonly size?: number;
  @Bool() @Optional() readonly caughtUp?: boolean;
  @WholeNumber() @Optional() readonly lagSeconds?: number;
  @Bool() @Optional() readonly isStuck?: boolean;
  @WholeNumber({ description: 'Since when no signed head covers what was newest in it then.' })
  @Optional()
  readonly unsignedSeconds?: number;
  @AnyText({ description: 'Why it takes in nothing, or why no head can be signed.' }) @Optional() readonly stopped?: string;
  @Rows(() => WitnessHealth) @Optional() readonly witnesses?: readonly WitnessHealth[];
}

/** Of one that was not reached, its status is all that is known. */
class Dependencies {
  @Nested(() => Dependency) @Optional() readonly database?: Dependency;
  @Nested(() => StoreHealth) @Optional() readonly 'event-store'?: StoreHealth;
  @Nested(() => ReadModelsHealth) @Optional() readonly 'read-models'?: ReadModelsHealth;
  @Nested(() => ProcessesHealth) @Optional() readonly processes?: ProcessesHealth;
  @Nested(() => LogHealth) @Optional() readonly log?: LogHealth;
  @Nested(() => Dependency, { description: 'Of a process that answers requests alone: whether another follows.' })
  @Optional()
  readonly followers?: Dependency;
  @Nested(() => IssuerHealth, { description: 'Where tokens come from elsewhere.' }) @Optional() readonly 'token-issuer'?: IssuerHealth;
}

export class Ready {
  @OneOf(['ok', 'error', 'shutting_down']) readonly status!: 'ok' | 'error' | 'shutting_down';
  @Nested(() => Dependencies, { description: 'What is up.' }) @Optional() readonly info?: Dependencies;
  @Nested(() => Dependencies, { description: 'What is down.' }) @Optional() readonly error?: Dependencies;
  @Nested(() => Dependencies) readonly details!: Dependencies;
}
