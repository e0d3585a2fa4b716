import { api, answered, type Schemas } from '../api/client';

interface How {
  readonly key: string;
  readonly ifMatch: number | null;
}

/** Sends a command whose body its own schema made; what does not fit is told by the service. @throws Refusal, Unreachable */
export function send(caseId: string, command: string, body: unknown, { key, ifMatch }: How): Promise<Schemas['CasesReceipt']> {
  const path = `/v1/cases/{caseId}/${command}` as '/v1/cases/{caseId}/add-note';
  const header = { 'Idempotency-Key': key, ...(ifMatch !== null && { 'If-Match': `"${ifMatch}"` }) };
  return answered(api.POST(path, { params: { path: { caseId }, header }, body: body as Schemas['AddNote'] }));
}
