/** How many requests are made up that the document does not allow: a few for each command in every run, and more in a drill. */
export const generated = { bodies: 4, parameters: 80 };
