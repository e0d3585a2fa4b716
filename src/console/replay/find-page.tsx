import { useState, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { Heading } from '../shell/heading';

/** An auditor's way in: the id of a case. */
export default function FindPage(): ReactNode {
  const [id, setId] = useState('');
  const [, go] = useLocation();
  return (
    <>
      <Heading>Replay</Heading>
      <p>A case as it was at each revision: what was recorded, when it happened, and who has read it.</p>
      <p>
        To find a case by a name or number, search the <Link href="/cases">caseload</Link>; the page of a case leads here.
      </p>
      <form
        className="usa-form"
        aria-label="Replay"
        onSubmit={event => {
          event.preventDefault();
          go(`/audit/cases/${encodeURIComponent(id.trim().toLowerCase())}`);
        }}
      >
        <label className="usa-label" htmlFor="case-id">
          Case id
        </label>
        <input
          className="usa-input"
          id="case-id"
          autoComplete="off"
          required
          pattern="\s*[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\s*"
          title="32 hexadecimal digits in five groups, as on the page of the case"
          value={id}
          onChange={({ target }) => setId(target.value)}
        />
        <button type="submit" className="usa-button">
          Replay
        </button>
      </form>
    </>
  );
}
