import { useQuery } from '@tanstack/react-query';
import { api, answered, type Schemas } from '../api/client';

export type CaseFile = Schemas['ShownCaseFile'];

interface SeenCase {
  readonly revision: number;
  readonly file: CaseFile;
  /** Null while the read model is not at the revision that was decided on. */
  readonly permissions: Schemas['Permissions'] | null;
}

const TRIES = 5;
const AGAIN_MS = 200;

/** The file, and what may be done with it, of one revision: what was decided on is what is seen. */
export const useCase = (caseId: string) =>
  useQuery({
    queryKey: ['case', caseId],
    queryFn: () => readCase(caseId),
    refetchInterval: ({ state }) => state.data?.permissions === null && TRIES * AGAIN_MS,
  });

async function readCase(caseId: string): Promise<SeenCase> {
  const asked = { params: { path: { caseId } } };
  for (let tried = 1; ; tried++) {
    const [file, permissions] = await Promise.all([
      answered(api.GET('/v1/cases/{caseId}', asked)),
      answered(api.GET('/v1/cases/{caseId}/allowed-commands', asked)),
    ]);
    const isOne = file.revision === permissions.revision;
    if (isOne || tried === TRIES) return { revision: file.revision, file, permissions: isOne ? permissions : null };
    await new Promise(resolve => {
      setTimeout(resolve, AGAIN_MS);
    });
  }
}
