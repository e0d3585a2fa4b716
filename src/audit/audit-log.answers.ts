import { ANY_NUMBER, AnyText, Bool, Nested, Nullable, Rows, TextList, Uuid, WholeNumber, AnyFields } from '../fields/fields.js';
import { ShownMetadata } from './audit.answers.js';

const CHAIN = { ...ANY_NUMBER, length: 1_000, description: 'Signed notes by which this key came to follow the first one, in their order.' };

export class LogCheckpoint {
  @TextList(CHAIN) readonly chain!: readonly string[];
  @AnyText({ description: 'A C2SP checkpoint: origin, number of entries and root hash, signed.' }) readonly checkpoint!: string;
  @AnyText({ description: 'The verifier key (C2SP signed note, Ed25519).' }) readonly publicKey!: string;
}

export class ConsistencyProof {
  @WholeNumber({ min: 1 }) readonly from!: number;
  @WholeNumber({ min: 1 }) readonly to!: number;
  @TextList({ ...ANY_NUMBER, description: 'Hashes in base64, in the order of RFC 6962.' }) readonly proof!: readonly string[];
}

export class ProvedEvent {
  @AnyText() readonly stream!: string;
  @WholeNumber() readonly revision!: number;
  @Uuid() readonly id!: string;
  @AnyText({ example: 'CaseOpened' }) readonly type!: string;
  @WholeNumber({ min: 1 }) readonly schemaVersion!: number;
  @AnyFields({ description: 'As the type of the event says.' }) readonly data!: object;
  @AnyText({ description: 'What is personal in it, as it is sealed, in base64url.' }) @Nullable() readonly personal!: string | null;
  @Nested(() => ShownMetadata) readonly metadata!: ShownMetadata;
  @WholeNumber({ description: 'Which entry of the log it is.' }) readonly place!: number;
  @AnyText({ description: 'The hash of that entry, in base64.' }) readonly leaf!: string;
}

/** In its RFC 8785 form: one byte changed is another file. */
export class CaseDossier {
  @Uuid() readonly caseId!: string;
  @TextList(CHAIN) readonly chain!: readonly string[];
  @AnyText({ description: 'The signed head of the log that covers every event of it.' }) readonly checkpoint!: string;
  @TextList({ ...ANY_NUMBER, description: 'That its head extends the one of the size `since`, in the order of RFC 6962; else empty.' })
  readonly consistency!: readonly string[];
  @AnyFields({ description: 'The keys that open what is personal, by id, in base64; null where a key was destroyed.' })
  readonly dataKeys!: object;
  @AnyText({ description: 'Signed: where the stream of the case ends in that log.' }) readonly end!: string;
  @Rows(() => ProvedEvent) readonly events!: readonly ProvedEvent[];
  @AnyText() readonly format!: string;
  @TextList({ ...ANY_NUMBER, description: 'The hashes that lead from its events to the head, from left to right, in base64.' })
  readonly proof!: readonly string[];
}

export class DossierVerdict {
  @WholeNumber({ min: -1, description: 'The last that the case has.' }) readonly revision!: number;
  @Bool({ description: 'Whether its events are those of the log: none altered, left out or added.' }) readonly sound!: boolean;
  @AnyText({ description: 'What is wrong first; null where it is sound.' }) @Nullable() readonly wrong!: string | null;
  @AnyText({ description: 'The verifier key (C2SP signed note, Ed25519) that it was held to: the one of this log.' })
  readonly publicKey!: string;
  @WholeNumber({ description: 'Entries in the log that it was held to; null where it is not sound.' }) @Nullable() readonly entries!:
    | number
    | null;
  @WholeNumber({ description: 'Events whose personal data it opens; null where it is not sound.' }) @Nullable() readonly opened!:
    | number
    | null;
  @WholeNumber({ description: 'Events whose personal data was erased; null where it is not sound.' }) @Nullable() readonly erased!:
    | number
    | null;
}
