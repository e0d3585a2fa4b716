import { commandController } from '../http/command-controller.js';
import { caseworkers } from './case.routes.js';
import { takenIn } from './case.state.js';
import { caseTable } from './case.table.js';
import { OpenCase } from './intake.commands.js';

/** Commands that only a process sends have no route. */
export const CaseController = commandController({
  path: 'v1/cases',
  idParam: 'caseId',
  idKey: 'caseId',
  ids: 'uuid',
  tag: 'cases',
  routes: [
    { command: OpenCase, roles: caseworkers, summary: 'Open a case for one applicant and one encounter', codes: ['date-out-of-order'], creates: true },
    ...caseTable.filter(({ roles }) => roles.length > 0).map(route => ({ ...route, takenIn: takenIn[route.command.name] })),
  ],
});
