import type { ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { capital, fieldName, instant, inText, inWords } from '../shell/words';
import type { CaseFile } from './seen-case';
import { Parts, Titled, told, type Fields } from './parts';
import { SourceOf } from './source';

const at = ({ at: instantOf }: { readonly at: string }): string => instant(instantOf);
const by = ({ by: actor }: { readonly by: string }): string => actor;

const VULNERABILITY: Fields<Schemas['ShownVulnerability']> = {
  kind: ({ kind }) => inWords(kind),
  at,
  detail: ({ detail }) => told(detail),
  from: ({ from }) => from && <SourceOf from={from} />,
};

const REPRESENTATIVE: Fields<Schemas['ShownRepresentative']> = {
  name: ({ name }) => name,
  contact: ({ contact }) => told(contact),
};

const CONSENT: Fields<Schemas['ShownConsent']> = {
  recipient: ({ recipient }) => recipient,
  categories: ({ categories }) => inWords(categories.map(inText).join(', ')),
  at,
  withdrawn: ({ withdrawn }) => (withdrawn ? <span className="tag tag--warn">Withdrawn</span> : 'No'),
};

const DISCLOSURE: Fields<Schemas['ShownDisclosure']> = {
  recipient: ({ recipient }) => recipient,
  categories: ({ categories }) => inWords(categories.map(inText).join(', ')),
  basis: ({ basis }) => inWords(basis),
  at,
  unconsented: ({ unconsented }) => unconsented && <span className="tag tag--alert">Without the consent that was needed</span>,
};

const EVIDENCE: Fields<Schemas['ShownEvidence']> = {
  description: ({ description }) => told(description),
  receivedAt: ({ receivedAt }) => instant(receivedAt),
  returnedAt: ({ returnedAt }) => (returnedAt ? instant(returnedAt) : 'Not yet'),
  evidenceId: ({ evidenceId }) => evidenceId,
  from: ({ from }) => from && <SourceOf from={from} />,
};

const ATTACHMENT: Fields<Schemas['ShownAttachment']> = {
  name: ({ name }) => name,
  location: ({ location }) => location,
  mediaType: ({ mediaType }) => mediaType,
  byteLength: ({ byteLength }) => byteLength.toLocaleString('en'),
  sha256: ({ sha256 }) => sha256,
  documentId: ({ documentId }) => documentId,
};

const REMARK: Fields<Schemas['ShownRemark']> = {
  event: ({ event }) => inWords(event),
  text: ({ text }) => told(text),
  at,
  by,
};

const CORRECTION: Fields<Schemas['ShownCorrection']> = {
  fields: ({ fields }) => capital(fields.map(fieldName).join(', ')),
  reasonCode: ({ reasonCode }) => inWords(reasonCode),
  at,
  by,
};

const ALERT: Fields<Schemas['ShownAlert']> = {
  cause: ({ cause }) => inWords(cause),
  raisedAt: ({ raisedAt }) => instant(raisedAt),
  answeredAt: ({ answeredAt }) => answeredAt && instant(answeredAt),
  answer: ({ answer }) => told(answer),
  alertId: ({ alertId }) => alertId,
};

const LEGAL_HOLD: Fields<Schemas['ShownLegalHold']> = {
  reference: ({ reference }) => told(reference),
  placedAt: ({ placedAt }) => instant(placedAt),
  placedBy: ({ placedBy }) => placedBy,
};

const ERASURE: Fields<Schemas['ShownErasureRequest']> = {
  legalBasis: ({ legalBasis }) => told(legalBasis),
  requestedAt: ({ requestedAt }) => instant(requestedAt),
  requestedBy: ({ requestedBy }) => requestedBy,
};

/** What is kept of the person beside the procedure. */
export function Record({ file }: { readonly file: CaseFile }): ReactNode {
  const { vulnerabilities, representative, consents, disclosures, evidence, attachments, remarks, corrections } = file;
  const answered = file.protectionAlerts.filter(({ answeredAt }) => answeredAt !== null);
  const parts = [vulnerabilities, consents, disclosures, evidence, attachments, remarks, corrections, answered].flat();
  if (parts.length === 0 && !representative && !file.legalHold && !file.erasureRequest) return null;
  return (
    <section aria-labelledby="record">
      <h2 id="record">What the file holds</h2>
      <Parts title="Vulnerabilities" of={vulnerabilities} as={VULNERABILITY} />
      <Titled title="Representative" of={representative} as={REPRESENTATIVE} />
      <Parts title="Consents" of={consents} as={CONSENT} />
      <Parts title="Disclosures" of={disclosures} as={DISCLOSURE} />
      <Parts title="Evidence" of={evidence} as={EVIDENCE} />
      <Parts title="Attached documents" of={attachments} as={ATTACHMENT} />
      <Parts title="Protection alerts that were answered" of={answered} as={ALERT} />
      <Parts title="Remarks" of={remarks} as={REMARK} />
      <Parts title="Corrections" of={corrections} as={CORRECTION} />
      <Titled title="Legal hold" of={file.legalHold} as={LEGAL_HOLD} />
      <Titled title="Erasure that waits for another supervisor" of={file.erasureRequest} as={ERASURE} />
    </section>
  );
}
