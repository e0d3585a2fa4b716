import { Readable } from 'node:stream';
import { openHead } from '../../src/audit/log/checkpoint.js';
import { VerifierKey } from '../../src/audit/log/signed-note.js';
import { verifyDossier, type Asked } from '../../src/audit/dossier/verify.js';
import type { Caseledger } from './caseledger.js';
import { eventually } from './world.js';

/* What an auditor gets of the log, and what it shows. */

export interface Checkpoint {
  readonly chain: readonly string[];
  readonly checkpoint: string;
  readonly publicKey: string;
}
export const checkpointOf = async (service: Caseledger): Promise<Checkpoint> => {
  const auditor = await service.person('aud-ivy', 'auditor');
  return eventually(
    'a head is signed',
    async () => JSON.parse((await auditor.get('/v1/audit/log/checkpoint')).text) as Checkpoint,
    ({ checkpoint }) => checkpoint !== undefined,
  );
};
/** Until the log is signed by another key than this one. */
export const signedByAnother = (service: Caseledger, { publicKey }: Checkpoint): Promise<Checkpoint> =>
  eventually(
    'another key signs',
    () => checkpointOf(service),
    found => found.publicKey !== publicKey,
  );
export const dossierOf = async (service: Caseledger, caseId: string, since?: number): Promise<string> => {
  const auditor = await service.person('aud-ivy', 'auditor');
  return (await auditor.get(`/v1/audit/cases/${caseId}/dossier${since === undefined ? '' : `?since=${since}`}`)).text;
};
export const verify = (dossier: string, publicKey: string, asked: Partial<Asked> = {}) =>
  verifyDossier(Readable.from([Buffer.from(dossier)]), { key: VerifierKey.parse(publicKey), ...asked });
export const sizeOf = ({ publicKey, checkpoint }: Checkpoint): number => openHead(VerifierKey.parse(publicKey), checkpoint).size;
