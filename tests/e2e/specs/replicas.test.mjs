// Rollouts of many pods run to their end in the page: the order in which pods are deleted is total.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { paste, play, podplay, podsSay } from '../support/podplay.mjs';

const site = podplay();

const rollout = (replicas) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 10m
  nodes:
  - {name: a, cpu: 32}
  - {name: b, cpu: 32}
  - {name: c, cpu: 32}
  timeline:
  - {at: 40s, kubectl: set image deployment/web web=nginx:1.28}
  - {at: 5m, kubectl: scale deployment/web --replicas=3}
`;

for (const replicas of [50, 100]) {
  test(`${replicas} replicas are rolled out and scaled down`, () => site.visit({}, async (page) => {
    await paste(page, rollout(replicas));
    // A new run begins to play when it is there.
    await page.locator('[data-lane^="web-"]').first().waitFor();
    await play(page, false);
    await page.getByTestId('playhead').focus();
    await page.keyboard.press('End');
    // The three that are left, and no other.
    await podsSay(page, /^(?:(?!Running)[\s\S])*(?:Running(?:(?!Running)[\s\S])*){3}$/);
    assert.equal(await page.getByRole('alertdialog').count(), 0, 'nothing panicked');
  }));
}
