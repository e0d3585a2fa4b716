import { request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type Service, startService } from './service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

function get(path: string, encoding?: string, method = 'GET'): Promise<{ headers: IncomingHttpHeaders; bytes: Buffer }> {
  const { port } = service.app.getHttpServer().address() as AddressInfo;
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, method, headers: encoding === undefined ? {} : { 'accept-encoding': encoding } }, response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, bytes: Buffer.concat(chunks) }));
    })
      .on('error', reject)
      .end();
  });
}

test('a long answer is packed for whoever takes it, and is the same when unpacked', async () => {
  const plain = await get('/openapi.json');
  const packed = await get('/openapi.json', 'br, gzip;q=0.5');
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(packed.headers).toMatchObject({
    'content-encoding': 'gzip',
    vary: expect.stringMatching(/accept-encoding/i),
    'content-type': plain.headers['content-type'],
  });
  expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true);
  expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 3);
  for (const encoding of ['identity', 'br', 'gzip;q=0'])
    expect((await get('/openapi.json', encoding)).bytes.equals(plain.bytes)).toBe(true);
});

test('a short answer is sent as it is', async () => {
  const { headers, bytes } = await get('/health/live', 'gzip');
  expect(headers['content-encoding']).toBeUndefined();
  expect(bytes.toString()).toBe('{"status":"ok"}');
});

test('HEAD has no body', async () => {
  expect((await get('/openapi.json', 'gzip', 'HEAD')).bytes).toHaveLength(0);
});
