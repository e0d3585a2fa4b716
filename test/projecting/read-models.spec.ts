import { beforeEach, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { writerLock, type Generation, type Generations } from '../../src/projecting/generations.js';
import type { Leadership } from '../../src/database/leadership.js';
import { Projections, type Projection } from '../../src/projecting/projection.js';
import { ReadModels } from '../../src/projecting/read-models.js';

const jars = { name: 'jars', version: 1 } as Projection;
const projections = new Projections();
projections.add(jars);

let position = '1';
let looks = 0;
let writesHere = true;
let readModels: ReadModels;
beforeEach(async () => {
  [position, writesHere] = ['1', true];
  const generations: Partial<Generations> = {
    list: async () => {
      looks++;
      return [{ name: 'jars', generation: 1, codeVersion: 1, state: 'live', position } as Generation];
    },
  };
  const leadership: Partial<Leadership> = {
    holds: lock => writesHere && lock === writerLock({ name: 'jars', generation: 1 }),
    acquire: async () => true,
    onLoss: () => () => true,
  };
  readModels = new ReadModels({} as Database, generations as Generations, projections, leadership as Leadership);
  await readModels.refresh();
  looks = 0;
});

test('whoever waits for what this process writes is told, and the database is not asked', async () => {
  const waiting = readModels.waitFor('jars', '2');
  readModels.advanced('jars', 1, '2');
  await waiting;
  expect(looks).toBe(0);
});

test('it is looked for all the same, should nobody tell', async () => {
  position = '2';
  await readModels.waitFor('jars', '2');
  expect(looks).toBe(1);
});

test('what another process writes is looked for at once', async () => {
  writesHere = false;
  const waiting = readModels.waitFor('jars', '2');
  expect(looks).toBe(1);
  position = '2';
  await waiting;
});
