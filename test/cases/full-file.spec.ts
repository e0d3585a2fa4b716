import { describe, expect, test } from '@jest/globals';
import { FULL } from '../../src/cases/case.line.js';
import { noCase } from '../../src/cases/case.state.js';
import { caseUseCases } from '../../src/cases/case.use-cases.js';
import type { Act } from '../../src/event-store/act.js';
import type { HistoryReader } from '../../src/event-store/fact-reader.js';
import type { Moment } from '../../src/event-store/rule.js';
import { SYSTEM } from '../../src/event-store/actor.js';
import { ana, CASE, dina } from './scenario.js';

/* A file of very many entries is somebody's mistake; it must never stand in the way of what protects the person. */

const now = '2020-01-20T12:00:00Z';
const momentAt = (streamLength: number, actor = dina): Moment => ({ now, occurredAt: now, actor, streamLength, newId: name => name });
const none = {} as HistoryReader;
const { decider } = caseUseCases;
/** Whether it takes the command; a status that does not is another matter. */
async function outcome(name: string, streamLength: number, actor = dina): Promise<string> {
  const { command } = decider.useCase(name) ?? {};
  const act = Object.assign(Object.create(command?.prototype as object) as Act, { streamId: CASE, context: { actor } });
  return decider.decide(act, noCase, momentAt(streamLength, actor), none).then(
    () => 'taken',
    (error: { code?: string }) => (error.code === 'file-full' ? 'file-full' : 'taken'),
  );
}

describe('a full file', () => {
  const protective = ['ExpressFear', 'RecordVulnerability', 'RecordEvidence', 'PlaceHold', 'ReleaseHold', 'DisputeAge', 'DecideAge'];
  const ending = ['ReferToUsProcedure', 'WithdrawClaim', 'MarkAsDuplicate', 'RecordDeparture', 'RecordDeath'];

  test.each([...protective, ...ending])('takes %s', async name => {
    expect(await outcome(name, FULL + 1)).toBe('taken');
  });

  test.each(['AddNote', 'AttachDocument', 'AssignCase', 'CorrectApplicant', 'RecordProtectionClaim', 'StartScreening', 'RecordDisclosure'])(
    'refuses %s, which the entry before was still open to',
    async name => {
      expect(await outcome(name, FULL - 1)).toBe('taken');
      expect(await outcome(name, FULL)).toBe('file-full');
    },
  );

  test('takes all that processes do', async () => {
    expect(await outcome('AddNote', FULL, SYSTEM)).toBe('taken');
  });

  test('says so beforehand', async () => {
    const { allowed, refused } = await decider.permissionsOn(CASE, { ...noCase, office: ana.office ?? '' }, momentAt(FULL, ana), none);
    expect(refused).toContainEqual({ command: 'AddNote', codes: ['file-full'] });
    expect(allowed).toContain('ExpressFear');
  });
});
