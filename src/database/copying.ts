import { type ClientBase, Query as Statement, type QueryResult, type ResultBuilder } from 'pg';

/** A field of a row that COPY takes. */
export type Field = string | number | boolean | null | undefined;

/** Rows in the text format of COPY. */
export const inCopyFormat = (rows: readonly (readonly Field[])[]): string => rows.map(row => `${row.map(asText).join('\t')}\n`).join('');

const asText = (field: Field): string => {
  if (field === null || field === undefined) return '\\N';
  return typeof field === 'string' ? field.replace(SPECIAL, character => ESCAPED[character] ?? character) : String(field);
};

const SPECIAL = /[\\\n\r\t]/g;
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Runs `COPY … FROM STDIN` and gives it the rows. Rejects with what the server says of them. */
export const copyIn = (client: ClientBase, text: string, rows: string): Promise<QueryResult> =>
  new Promise((resolve, reject) => {
    client.query(new CopyIn(text, rows, (error, result) => (error ? reject(error) : resolve(result))));
  });

interface CopyingConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

class CopyIn extends Statement {
  constructor(
    text: string,
    private readonly given: string,
    done: (error: Error | undefined, result: ResultBuilder) => void,
  ) {
    super(text, done);
  }

  /** Called by `pg` once the server asks for them. Where it refuses one, it passes over those that still come. */
  handleCopyInResponse(connection: CopyingConnection): void {
    connection.sendCopyFromChunk(Buffer.from(this.given));
    connection.endCopyFrom();
  }
}
