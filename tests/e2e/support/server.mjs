// A static web server as strict as the strictest host: right types, a Content-Security-Policy
// header, any sub-path, nothing outside its folder.

import { createServer } from 'node:http';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.yaml': 'text/yaml; charset=utf-8',
};

export const POLICY = "script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; object-src 'none'; base-uri 'none'";

/**
 * Serves `root` below `base` (for example `/some/where/`) on a free port of 127.0.0.1.
 * `pages` are extra documents by path, for tests that need a host page of their own.
 * `policy` may be null for a host without a Content-Security-Policy. With `cache` the browser may keep what it got.
 */
export async function serve({ root, base = '/', pages = {}, policy = POLICY, cache = false }) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://host').pathname);
    const found = path in pages ? { body: pages[path], type: TYPES[extname(path)] ?? TYPES['.html'] } : await file(root, base, path);
    if (!found) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
      requests.push({ path, status: 404, bytes: 0 });
      return;
    }
    const body = gzipSync(found.body);
    const headers = {
      'content-type': found.type,
      'content-encoding': 'gzip',
      'content-length': body.length,
      'cache-control': cache ? 'public, max-age=3600' : 'no-store',
      // A sandboxed frame has an opaque origin: without this it could not load the program.
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    };
    if (policy) headers['content-security-policy'] = policy;
    response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : body);
    requests.push({ path, status: 200, bytes: body.length });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    url: new URL(base, origin).href,
    /** What was asked for so far, with the bytes that were sent. */
    requests,
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}

async function file(root, base, path) {
  if (!path.startsWith(base)) return undefined;
  const inside = normalize(join(root, path.slice(base.length)));
  if (inside !== normalize(root) && !inside.startsWith(normalize(root + sep))) return undefined;
  const name = (await isFolder(inside)) ? join(inside, 'index.html') : inside;
  try {
    return { body: await readFile(name), type: TYPES[extname(name)] ?? 'application/octet-stream' };
  } catch {
    return undefined;
  }
}

async function isFolder(path) {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
