import { expect, test } from '@jest/globals';
import { plusDays, weekOf } from '../../src/fields/time.js';
import { DraftManifest } from '../../src/manifests/manifest.commands.js';
import { InMemoryCaseledger } from '../support/in-memory-caseledger.js';
import { InMemoryOffice } from '../support/in-memory-office.js';

test('what made a stream is answered again by who has forgotten it, also when it would be refused by now', async () => {
  const office = new InMemoryOffice();
  const { departsAt, now } = office;
  const [manifestId, commandId] = [InMemoryOffice.id('flight'), InMemoryOffice.id('key')];
  const draft = (by = InMemoryOffice.staff.liaison) =>
    office.service.send(
      Object.assign(new DraftManifest(), {
        country: 'GT',
        flight: 'GT101',
        departsAt,
        week: weekOf(departsAt),
        streamId: manifestId,
        context: { actor: by, commandId, correlationId: commandId, causationId: commandId, now: office.now },
      }),
    );
  const first = await draft();
  office.service.durable.now = plusDays(now, 30);
  office.service = new InMemoryCaseledger(office.service.durable);
  expect(await draft()).toEqual(first);
  office.service = new InMemoryCaseledger(office.service.durable);
  await expect(draft({ ...InMemoryOffice.staff.liaison, id: 'li-other' })).rejects.toMatchObject({ code: 'idempotency-key-reused' });
});
