import { api, answered, type Schemas } from '../api/client';

export type Ready = Schemas['Ready'];

/** Of a service that is not ready too: what it then says is the news. @throws Refusal, Unreachable */
export async function askReady(): Promise<Ready> {
  const asked = await api.GET('/health/ready');
  return isReady(asked.error) ? asked.error : answered(Promise.resolve(asked));
}

const isReady = (value: unknown): value is Ready => typeof value === 'object' && value !== null && 'details' in value;

/** Asked, it is signed. @throws Refusal, Unreachable */
export const askHead = () => answered(api.GET('/v1/audit/log/checkpoint'));
