import 'reflect-metadata';
import { AppModule } from './app.module.js';
import { serve } from './http/application.js';
import { Followers } from './projecting/projecting.module.js';

await serve(AppModule, app => app.get(Followers).start());
