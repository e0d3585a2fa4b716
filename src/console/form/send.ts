import type { paths } from 'caseledger-api';
import { answered, clientOf } from '../api/client';

type Posts = { readonly [P in keyof paths]: paths[P] extends { readonly post: infer O } ? O : never };
type HeaderOf<O> = O extends { readonly parameters: { readonly header?: infer H } } ? keyof NonNullable<H> : never;
type ParamsOf<O> = O extends { readonly parameters: { readonly path: infer P } } ? P : Readonly<Record<string, never>>;
type AnswerOf<O> = O extends { readonly responses: infer R } ? R[keyof R & (200 | 201)] : never;
type JsonOf<A> = A extends { readonly content: { readonly 'application/json': infer J } } ? J : never;

/** What can be sent twice and is stored once. */
export type CommandPath = { [P in keyof Posts]: 'Idempotency-Key' extends HeaderOf<Posts[P]> ? P : never }[keyof Posts];
type StreamOf<P extends CommandPath> = P extends `${infer S}}/${string}` ? S : P;
/** A command, and the stream that it goes to. */
export type Target = {
  readonly [P in CommandPath as StreamOf<P>]: { readonly path: P; readonly params: ParamsOf<Posts[P]> };
}[StreamOf<CommandPath>];
export type Receipt = JsonOf<AnswerOf<Posts[CommandPath]>>;

interface AnyCommand {
  readonly post: {
    readonly parameters: { readonly path: object; readonly header: { readonly 'Idempotency-Key': string; readonly 'If-Match'?: string } };
    /** Its own schema makes it; what does not fit is told by the service. */
    readonly requestBody: { readonly content: { readonly 'application/json': unknown } };
    readonly responses: { readonly 200: { readonly content: { readonly 'application/json': Receipt } } };
  };
}
const commands = clientOf<Readonly<Record<CommandPath, AnyCommand>>>();

interface How {
  readonly key: string;
  readonly ifMatch: number | null;
}

/** @throws Refusal, Unreachable */
export function send({ path, params }: Target, body: unknown, { key, ifMatch }: How): Promise<Receipt> {
  const header = { 'Idempotency-Key': key, ...(ifMatch !== null && { 'If-Match': `"${ifMatch}"` }) };
  return answered(commands.POST(path, { params: { path: params, header }, body }));
}
