/** A dossier that proves nothing. The message says what is wrong first, and repeats nothing that is personal. */
export class DossierWrong extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DossierWrong';
  }
}
