import type { CaseDossier, DossierVerdict } from './audit-log.answers.js';
import type { AuditEvents } from './audit.answers.js';
import { FORMAT } from './dossier/verify.js';

const SOME_CASE = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';
export const SOME_TIME = '2020-01-13T15:00:00Z';
export const SOMEBODY = { id: 'cw-ana', roles: ['caseworker'], office: 'ELP' };
export const EVENTS: AuditEvents = {
  events: [
    {
      stream: `case-${SOME_CASE}`,
      revision: 1,
      id: SOME_CASE,
      type: 'NoteAdded',
      schemaVersion: 1,
      data: {},
      personal: { text: 'Called the shelter.' },
      metadata: {
        actor: SOMEBODY,
        commandId: SOME_CASE,
        commandHash: 'bEbd…',
        correlationId: SOME_CASE,
        causationId: SOME_CASE,
        occurredAt: SOME_TIME,
        recordedAt: SOME_TIME,
        keyId: SOME_CASE,
      },
    },
  ],
  next: null,
};

const HASH = 'bjQLnP/zepicpUTmu3gKLHiQHT/zNzh2hRGjBhevoB0=';
export const DOSSIER: CaseDossier = {
  caseId: SOME_CASE,
  chain: [],
  checkpoint: `caseledger/${SOME_CASE}\n19758\n${HASH}\n\n— caseledger/${SOME_CASE} 4AxP…\n`,
  consistency: [],
  dataKeys: { [SOME_CASE]: HASH },
  end: `end of stream\ncaseledger/${SOME_CASE}\ncase-${SOME_CASE}\n7\n19758\n\n— caseledger/${SOME_CASE} 4AxP…\n`,
  events: EVENTS.events.map(event => ({ ...event, personal: 'AX1s…', place: 4711, leaf: HASH })),
  format: FORMAT,
  proof: [HASH],
};

export const VERDICT: DossierVerdict = {
  revision: 7,
  sound: true,
  wrong: null,
  publicKey: `caseledger/${SOME_CASE}+e00c4ff1+AQ…`,
  entries: 19_758,
  opened: 3,
  erased: 0,
};
