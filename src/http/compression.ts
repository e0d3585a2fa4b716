import compress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';

/** Bytes: below it an answer fits into a few packets anyway, and commands are not made to wait. */
const WORTH_IT_BYTES = 4096;
const TEXTS = /^(?:text\/|application\/(?:javascript|json|problem\+json|x-ndjson)|image\/svg)/;

/** Lists, files, reports and the documentation are sent in gzip to whoever takes it. Bodies are taken as they are, never packed. */
export async function compressAnswers(fastify: FastifyInstance): Promise<void> {
  await fastify.register(compress, { threshold: WORTH_IT_BYTES, encodings: ['gzip'], customTypes: TEXTS, globalDecompression: false });
}
