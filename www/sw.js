// Keeps the site for times without a network. `cargo xtask post-build` fills in what belongs to a build.
//
// A page comes from the network when there is one, so a new version shows at once; files whose names change with
// their content come from what is kept. The files of an older version go when its last page is closed.

const VERSION = '__VERSION__';
/** Each file of this build, with a fingerprint of its content. */
const FILES = JSON.parse('__FILES__');
/** Another podplay may live on the same origin: each has its place in the name. */
const OWN = `podplay:${new URL(self.registration.scope).pathname}:`;
const CACHE = `${OWN}${VERSION}`;
/** How long the network may take for a page before the kept one is shown, milliseconds. */
const PATIENCE = 4000;
/** Names that change with the content: those of Trunk's files in the first folder. */
const NAMED_BY_CONTENT = /^[^/]*-[0-9a-f]{12,16}[^/]*$/;

const { scope } = self.registration;
const keyOf = (path) => new URL(`${path}?podplay=${FILES[path]}`, scope).href;

self.addEventListener('install', (event) => event.waitUntil(fill()));
self.addEventListener('activate', (event) => event.waitUntil(tidy()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const path = fileOf(request);
  if (path === undefined) return;
  const kept = request.mode !== 'navigate' && NAMED_BY_CONTENT.test(path);
  event.respondWith(kept ? keptOrFetched(path, request) : fetchedOrKept(path, request));
});

/** Keeps every file of this build; what the version before had in the same form is not fetched again. */
async function fill() {
  const cache = await caches.open(CACHE);
  for (const path of Object.keys(FILES)) {
    const key = keyOf(path);
    const before = await caches.match(key);
    const answer = before ?? await fetch(new URL(path, scope), { cache: NAMED_BY_CONTENT.test(path) ? 'default' : 'no-cache' });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    await cache.put(key, answer.redirected ? new Response(answer.body, answer) : answer);
  }
}

async function tidy() {
  for (const name of await caches.keys()) {
    if (name.startsWith(OWN) && name !== CACHE) await caches.delete(name);
  }
  // The first page of all is looked after at once; later versions begin with a new page.
  await self.clients.claim();
}

/** The file of this build that is asked for, if it is one. */
function fileOf(request) {
  if (request.method !== 'GET' || !request.url.startsWith(scope)) return undefined;
  const inside = new URL(request.url).pathname.slice(new URL(scope).pathname.length);
  const path = inside === '' || inside.endsWith('/') ? `${inside}index.html` : inside;
  return Object.hasOwn(FILES, path) ? path : undefined;
}

async function keptOrFetched(path, request) {
  return await caches.match(keyOf(path)) ?? fetch(request);
}

async function fetchedOrKept(path, request) {
  const kept = () => caches.match(keyOf(path));
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE); });
  const network = fetch(request);
  try {
    const first = await Promise.race([network, late]);
    if (first?.ok) return first;
    return await kept() ?? await network;
  } catch (error) {
    const answer = await kept();
    if (answer) return answer;
    throw error;
  }
}
