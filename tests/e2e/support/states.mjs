// States of the page: pictures are taken of them, and axe looks at them.

import { paste, play, seek } from './podplay.mjs';

export const WEB = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: app
    image: nginx:1.27
    ports:
    - containerPort: 80
`;

/** The manifest of the documentation on liveness probes: the file goes, the probe fails, the container restarts. */
export const LIVENESS = `apiVersion: v1
kind: Pod
metadata:
  labels:
    test: liveness
  name: liveness-exec
spec:
  containers:
  - name: liveness
    image: registry.k8s.io/busybox:1.27.2
    args:
    - /bin/sh
    - -c
    - touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600
    livenessProbe:
      exec:
        command:
        - cat
        - /tmp/healthy
      initialDelaySeconds: 5
      periodSeconds: 5
`;

/** A day of probes every five seconds, with a hang every few hours. */
export const DAY = `apiVersion: v1
kind: Pod
metadata:
  name: all-day
spec:
  containers:
  - name: app
    image: nginx:1.27
    livenessProbe:
      httpGet: {path: /, port: 80}
      periodSeconds: 5
    readinessProbe:
      httpGet: {path: /, port: 80}
      periodSeconds: 5
---
apiVersion: podplay/v1
kind: Scenario
spec:
  duration: 24h
  timeline:
  - {at: 3h, fault: {pod: all-day, container: app, kind: Hang, for: 2m}}
  - {at: 9h, fault: {pod: all-day, container: app, kind: Crash}}
  - {at: 17h, fault: {pod: all-day, container: app, kind: OOMKill}}
`;

export const BROKEN = LIVENESS.replace('    livenessProbe:', '     livenessProbe:');

const WIDE = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', locale: 'en-US', colorScheme: 'light' };

async function example(page, id) {
  await page.getByTestId('examples').click();
  await page.locator(`[data-example="${id}"]`).click();
}

const lane = (page, name, state) => page
  .locator(`[data-testid="lane"][data-lane="${name}"] [data-testid="span"][data-state="${state}"]`).first();

const spans = (page, state) => page.locator(`[data-testid="span"][data-state="${state}"]`);

/** Waits until the run is computed to its end. */
export async function computed(page) {
  await page.locator('.computing').waitFor({ state: 'detached', timeout: 60_000 });
}

async function stopping(page) {
  await paste(page, LIVENESS);
  await lane(page, 'liveness-exec/liveness', 'stopping').waitFor();
  await computed(page);
  await seek(page, 62);
}

/** A lesson whose question was answered wrongly. */
async function lesson(page) {
  await page.getByTestId('lessons-open').click();
  await page.locator('[data-lesson="startup"]').click();
  await page.getByTestId('lesson-check').click();
  await page.locator('.report.not-yet').waitFor();
  await computed(page);
}

/** Name, context of the browser, and how a person gets there. */
export const STATES = [
  { name: 'light', context: WIDE, reach: stopping },
  { name: 'dark', context: { ...WIDE, colorScheme: 'dark' }, reach: stopping },
  { name: 'korean', context: { ...WIDE, locale: 'ko-KR' }, reach: stopping },
  { name: 'narrow', context: { ...WIDE, viewport: { width: 360, height: 740 }, hasTouch: true }, reach: async (page) => {
    await page.getByRole('button', { name: 'Manifest', exact: true }).click();
    await paste(page, LIVENESS);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await lane(page, 'liveness-exec/liveness', 'stopping').waitFor();
    await computed(page);
    await seek(page, 62);
  } },
  { name: 'error', context: WIDE, reach: async (page) => {
    await stopping(page);
    await paste(page, BROKEN);
    await page.getByTestId('diagnostics').locator('[data-severity="error"]').first().waitFor();
  } },
  { name: 'rollout', context: WIDE, reach: async (page) => {
    await example(page, 'rollout');
    await spans(page, 'running').first().waitFor();
    await computed(page);
    await seek(page, 28);
  } },
  { name: 'day-long', context: WIDE, reach: async (page) => {
    await paste(page, DAY);
    await lane(page, 'all-day/app', 'running').waitFor();
    await computed(page);
    await page.getByTestId('next-restart').click();
  } },
  { name: 'why', context: WIDE, reach: async (page) => {
    await stopping(page);
    await spans(page, 'stopping').first().click();
    await page.getByTestId('inspector').locator('.chain li').first().waitFor();
  } },
  { name: 'faults', context: WIDE, reach: async (page) => {
    await paste(page, WEB);
    await lane(page, 'web/app', 'running').waitFor();
    await seek(page, 20);
    await page.getByTestId('faults').click();
  } },
  { name: 'embed', context: { ...WIDE, viewport: { width: 900, height: 1000 } }, path: 'embed.html', reach: async (page) => {
    await page.locator('pod-playground').first().getByRole('button', { name: 'Run' }).click();
    await page.locator('pod-playground').first().locator('iframe').contentFrame().locator('[data-lane="forgetful/app"] [data-state="stopping"]').first().waitFor();
  } },
  { name: 'empty', context: WIDE, reach: async (page) => {
    await paste(page, '');
    await page.keyboard.press('Delete');
    await play(page, false);
    await page.getByText('No pods at this moment').waitFor();
  } },
  { name: 'lesson', context: { ...WIDE, viewport: { width: 1280, height: 800 } }, reach: lesson },
  { name: 'lesson-narrow', context: { ...WIDE, locale: 'ko-KR', viewport: { width: 360, height: 740 }, hasTouch: true }, reach: lesson },
];
