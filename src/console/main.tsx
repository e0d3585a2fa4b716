import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '@uswds/uswds/css/uswds.min.css';
import './shell/base.css';
import './form/form.css';
import './caseload/caseload.css';
import './shell/parts.css';
import './case/file.css';
import './replay/replay.css';
import './shell/print.css';
import './shell/wide.css';
import { App } from './shell/app';
import { queries } from './api/queries';

const root = document.querySelector('#root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}
