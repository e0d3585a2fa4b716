import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { Config, readConfig } from './config.js';
import { HttpModule } from './http/http.module.js';
import { openApiDocument } from './http/openapi.js';
import { Starting } from './starting.js';

/* Prints the document of the API without a database: nothing is made but the routes. */

const KEY = Buffer.alloc(32).toString('base64');
const config = new Config({ ...readConfig({ CLOCK: 'simulated:2019-11-15T00:00:00Z', MASTER_KEY: KEY, LOG_KEY: KEY }) });
const service = { module: class Service {}, imports: [HttpModule.forRoot(config, new Starting()), AppModule] };
const app = await NestFactory.create(service, new FastifyAdapter(), { preview: true, logger: false, abortOnError: false });
process.stdout.write(JSON.stringify(openApiDocument(app, config)));
