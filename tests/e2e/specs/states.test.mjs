// axe on the states of which pictures are taken.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { inaccessible, podplay } from '../support/podplay.mjs';
import { STATES } from '../support/states.mjs';

const site = podplay();

for (const { name, context, path, reach } of STATES) {
  test(`axe finds nothing in the state ${name}`, () => site.visit({ context, path }, async (page) => {
    await reach(page);
    assert.deepEqual(await inaccessible(page), []);
  }));
}
