/** Route 53's health checkers over real sockets: they stand outside every subnet, as the lab's own process does. */
import { request } from 'node:http';
import type { ProbeHttp } from '../world/probe-http.ts';

/** HTTP_STR_MATCH looks at the first 5,120 bytes. */
const bodyBytes = 5_120;

export const probeOverSockets: ProbeHttp = ({ address, port, path, host, timeoutMs, wantsBody }) =>
  new Promise((resolve) => {
    const headers = host === undefined ? {} : { host };
    const call = request({ host: address, port, path, headers, agent: false }, (response) => {
      let body = Buffer.alloc(0);
      const done = () => {
        clearTimeout(timer);
        const status = response.statusCode ?? 0;
        resolve(wantsBody ? { status, body: body.subarray(0, bodyBytes).toString() } : { status });
        response.destroy();
      };
      if (!wantsBody) {
        done();
        return;
      }
      response.on('data', (chunk: Buffer) => {
        body = Buffer.concat([body, chunk]);
        if (body.length >= bodyBytes) done();
      });
      response.once('end', done);
      response.once('error', fail);
    });
    const fail = (error: Error) => {
      clearTimeout(timer);
      resolve({ error: error.message });
      call.destroy();
    };
    const timer = setTimeout(() => fail(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    call.once('error', fail);
    call.end();
  });
