import type { ProcessStep } from '../reacting/process.js';

/** Items looked up at a time. */
const PAGE = 200;

/** All that the process has noted on one of its lists, in the list's order. */
export async function* noted(list: string, step: ProcessStep): AsyncGenerator<string> {
  for await (const page of pagesNoted(list, step)) yield* page;
}

/** The same, as it is looked up: page by page. */
export async function* pagesNoted(list: string, step: ProcessStep): AsyncGenerator<readonly string[]> {
  for (let page = await step.noted(list, '', PAGE); page.length > 0; page = await step.noted(list, page.at(-1) ?? '', PAGE)) yield page;
}
