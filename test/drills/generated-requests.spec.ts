// Guarded in every run by journeys/errors, http/error-table.
import { generated } from '../support/generated.js';

// Every refusal, again, and of what the document does not allow some 1,500 requests.
const inEveryRun = { ...generated };
Object.assign(generated, { bodies: 14, parameters: 300 });
afterAll(() => void Object.assign(generated, inEveryRun));

await import('../journeys/errors.spec.js');
