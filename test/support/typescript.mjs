import { register } from 'node:module';

// Lets a test start a second process from the sources: `node --import <this file> some.ts`.
register('./typescript-hooks.mjs', import.meta.url);
