import { useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { HOW_CASES_ARE_FOUND, OneCase } from '../form/one-case';
import { Heading } from '../shell/heading';

/** An auditor's way in: a case, by whose it is. */
export default function FindPage(): ReactNode {
  const [caseId, setCaseId] = useState('');
  const [, go] = useLocation();
  return (
    <>
      <Heading>Replay</Heading>
      <p>A case as it was at each revision: what was recorded, when it happened, and who has read it.</p>
      <form
        className="usa-form"
        aria-label="Replay"
        onSubmit={event => {
          event.preventDefault();
          go(`/audit/cases/${caseId}`);
        }}
      >
        <label className="usa-label" htmlFor="replayed">
          Case
        </label>
        <span className="usa-hint" id="replayed-hint">
          {HOW_CASES_ARE_FOUND}
        </span>
        <OneCase
          about={{ id: 'replayed', 'aria-describedby': 'replayed-hint', 'aria-invalid': false, disabled: false }}
          required
          value={caseId}
          choose={setCaseId}
        />
        <button type="submit" className="usa-button">
          Replay
        </button>
      </form>
    </>
  );
}
