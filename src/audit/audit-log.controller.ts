import { Controller, Get, Inject, Query } from '@nestjs/common';
import { DomainError } from '../event-store/domain-error.js';
import { misfit } from '../event-store/rule.js';
import { WholeNumber } from '../fields/fields.js';
import { Operation } from '../http/operation.js';
import { ConsistencyProof, LogCheckpoint } from './audit-log.answers.js';
import { LogKeys } from './log/log-keys.js';
import { MerkleLog } from './log/merkle-log.js';
import { LogBehind } from './log/log-behind.js';

const ORIGIN = 'caseledger/0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';
const HASH = 'bjQLnP/zepicpUTmu3gKLHiQHT/zNzh2hRGjBhevoB0=';

class WhichHeads {
  /** The smaller tree's size. */
  @WholeNumber({ min: 1, example: 19_000 })
  readonly from!: number;

  /** The larger tree's size. */
  @WholeNumber({ min: 1, example: 19_758 })
  readonly to!: number;
}

/** The signed Merkle log of every stored event. It shows nobody, so no purpose is asked for. */
@Controller('v1/audit/log')
export class AuditLogController {
  constructor(
    @Inject(MerkleLog) private readonly log: MerkleLog,
    @Inject(LogKeys) private readonly keys: LogKeys,
  ) {}

  @Get('checkpoint')
  @Operation({
    summary: 'The signed head of the log over all events, and the key that checks it',
    roles: ['auditor'],
    codes: ['read-model-behind'],
    tag: 'audit',
    operationId: 'auditCheckpoint',
    answer: LogCheckpoint,
    example: {
      chain: [],
      checkpoint: `${ORIGIN}\n19758\n${HASH}\n\n— ${ORIGIN} 4AxP…\n`,
      publicKey: `${ORIGIN}+e00c4ff1+AQ…`,
    },
  })
  async checkpoint(): Promise<LogCheckpoint> {
    const head = await this.log.head();
    if (!head) throw new LogBehind();
    const chain = await this.keys.chainTo(head.key.verifier);
    return {
      chain: chain.map(({ note }) => note),
      checkpoint: await this.log.heads.cosigned(head),
      publicKey: head.key.verifier.toString(),
    };
  }

  @Get('consistency')
  @Operation({
    summary: 'The proof (RFC 6962) that the log of one size extends that of a smaller one',
    roles: ['auditor'],
    codes: ['not-found', 'read-model-behind'],
    tag: 'audit',
    operationId: 'auditConsistency',
    answer: ConsistencyProof,
    example: { from: 19_000, to: 19_758, proof: [HASH] },
  })
  async consistency(@Query() { from, to }: WhichHeads): Promise<ConsistencyProof> {
    if (from > to) throw misfit('/from', 'invalid', 'Must not be larger than `to`.');
    const state = await this.log.state();
    if (!state) throw new LogBehind();
    if (to > state.size) throw new DomainError('not-found', 'The log has not as many entries yet.');
    const proof = await this.log.consistency(from, to);
    return { from, to, proof: proof.map(hash => hash.toString('base64')) };
  }
}
