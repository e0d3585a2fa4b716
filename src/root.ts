/** Where package.json stands: a folder above this one, as it was written, as it was built, and in the one file of a program. */
export const ROOT = new URL('../', import.meta.url);
