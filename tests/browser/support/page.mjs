// The page of examples/web, as built by `cmake --workflow --preset web`.
import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

import {setting, skip} from './browser.mjs';

/** The folder of the page. */
export const folder = path.resolve(setting('PAGE'));
if (!fs.existsSync(path.join(folder, 'engine.wasm'))) {
  skip(`there is no page in ${folder}; cmake --workflow --preset web builds it`);
}

export const languages = {
  en: {locale: 'en-US'},
  zh: {locale: 'zh-CN'}
};

/** Imports a module of the page. */
export const moduleOf = (name) => import(pathToFileURL(path.join(folder, name)));

/** The engine of the page, in Node.js. */
export async function startEngine() {
  return (await moduleOf('backquery.js')).loadEngine(pathToFileURL(`${folder}/`));
}

/** Opens a view and waits for the network. */
export async function openPage(site, view = 'draw', options = {}) {
  const page = await site.open(`index.html#${view}`, options);
  await page.waitForSelector('html[data-ready]', {state: 'attached'});
  return page;
}

/** Loads a model by the file input. Returns the text of the notice. */
export async function loadModel(page, bytes, name = 'test.model') {
  await page.setInputFiles(
      '#model-file', {name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes)});
  await page.waitForSelector('#notice:not([hidden])');
  return page.textContent('#notice p');
}

/** Begins to record layout shifts. Call it before the page is opened, by context.addInitScript. */
export function recordShifts() {
  globalThis.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      globalThis.shifts.push({
        value: entry.value,
        input: entry.hadRecentInput,
        nodes: entry.sources.map(({node}) => node?.outerHTML?.slice(0, 80) ?? String(node))
      });
    }
  }).observe({type: 'layout-shift', buffered: true});
}
