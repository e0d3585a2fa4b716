import 'reflect-metadata';
import { whenAskedToStop } from './starting.js';

// Before the rest is loaded: the first process of a container is not ended by a signal that it does not hear.
const stopping = whenAskedToStop();
const { Config } = await import('./config.js');
const { AppModule } = await import('./app.module.js');
const { serve } = await import('./http/application.js');
const { Followers } = await import('./operating/followers.js');

await serve(AppModule, app => app.get(Followers).start(app.get(Config)), stopping);
