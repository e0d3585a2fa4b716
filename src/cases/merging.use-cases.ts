import { original } from './case.asks.js';
import { line, NEW_INFORMATION, supervisors, system } from './case.line.js';
import * as commands from './merging.commands.js';
import * as rules from './merging.rules.js';

/** Files of one person. */
export const mergingUseCases = [
  line({
    command: commands.CarryOver,
    rule: rules.carryOver,
    in: 'always',
    leadsTo: ['FearExpressed', 'VulnerabilityRecorded', 'ExceptionEstablished', 'EvidenceReceived', 'AgeDisputed', ...NEW_INFORMATION],
    roles: system,
    summary: 'Carry over what protects the person from a file that was closed as a duplicate',
  }),
  line({
    command: commands.NoteMerged,
    rule: rules.noteMerged,
    in: 'always',
    leadsTo: ['DuplicateMerged'],
    roles: system,
    summary: 'Note that a file was closed as a duplicate of this one',
  }),
  line({
    command: commands.NoteReopened,
    rule: rules.noteReopened,
    in: 'always',
    leadsTo: ['DuplicateReopened'],
    roles: system,
    summary: 'Note that a file is no duplicate of this one any more',
  }),
  line({
    command: commands.ReopenDuplicate,
    rule: rules.reopenDuplicate,
    in: ['closed'],
    leadsTo: ['CaseReopened'],
    roles: system,
    summary: 'Reopen one of the files that were closed as duplicates of each other',
  }),
  line({
    command: commands.FlagPossibleDuplicate,
    rule: rules.flagPossibleDuplicate,
    in: 'always',
    leadsTo: ['PossibleDuplicateFlagged'],
    roles: system,
    summary: 'Flag another file that bears a number of the same person',
  }),
  line({
    command: commands.DismissDuplicate,
    rule: rules.dismissDuplicate,
    facts: original,
    in: 'always',
    leadsTo: ['DuplicateDismissed'],
    roles: supervisors,
    summary: 'Say that another file is not of the same person',
    takenWhenFull: true,
  }),
];
