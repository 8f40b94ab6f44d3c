// Tests of pages in Chromium, with the test runner of Node.js:
//
//   browserTest('the page shows a heading', folder, async (site) => {
//     const page = await site.open('index.html', {colorScheme: 'dark', width: 360, height: 740});
//     assert.equal(await page.textContent('h1'), 'Digits');
//     await expectAccessible(page);
//   });
//
// The folder is served on localhost. After each test, every page must be free of faults: error and warning on
// the console, exception, failed request, request to another host.
//
// Run a file in the folder of the build that has node_modules; screenshots are written there, too:
//
//   node tests/browser/report.test.mjs
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import {createRequire} from 'node:module';
import path from 'node:path';
import test, {after} from 'node:test';

const mimeTypes = {
  '.bmp': 'image/bmp', '.bqm': 'application/octet-stream', '.css': 'text/css', '.csv': 'text/csv',
  '.html': 'text/html', '.ico': 'image/x-icon', '.jpg': 'image/jpeg', '.js': 'text/javascript',
  '.json': 'application/json', '.mjs': 'text/javascript', '.png': 'image/png', '.svg': 'image/svg+xml',
  '.txt': 'text/plain', '.wasm': 'application/wasm', '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};
const textType = /^text|json|svg/;

/** Ends the test file: it cannot run here. */
export function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(0);
}

/** A package of node_modules in the current folder or above it. */
export function packageNamed(name) {
  try {
    return createRequire(path.join(process.cwd(), 'any'))(name);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return skip(`the npm package ${name} is not installed here; the target browser_packages installs it`);
  }
}

/** The value of an environment variable that the test needs. */
export function setting(name) {
  return process.env[name] || skip(`the variable ${name} is not set`);
}

const {chromium} = packageNamed('playwright-core');
const axe = packageNamed('axe-core');
const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
if (!fs.existsSync(executablePath)) skip(`there is no ${executablePath} (Debian: apt-get install chromium)`);

let browser;
after(() => browser?.close());

async function startBrowser() {
  browser ??= await chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
           '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  return browser;
}

/** Serves the files of a folder. */
async function serve(folder) {
  const root = fs.realpathSync(folder);
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const file = path.join(root, name.endsWith('/') ? `${name}index.html` : name);
    if (!file.startsWith(root + path.sep) || !fs.statSync(file, {throwIfNoEntry: false})?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    const type = mimeTypes[path.extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, {'Content-Type': textType.test(type) ? `${type}; charset=utf-8` : type});
    fs.createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Records what a page prints, requests and throws, and what must not happen. */
function watch(page, origin) {
  const log = {messages: [], requests: [], faults: []};
  page.on('console', (message) => {
    const text = `${message.type()}: ${message.text()}`;
    log.messages.push(text);
    if (['error', 'warning', 'assert'].includes(message.type())) log.faults.push(`console ${text}`);
  });
  page.on('pageerror', (error) => log.faults.push(`exception: ${error.stack ?? error}`));
  page.on('crash', () => log.faults.push('the page crashed'));
  page.on('request', (request) => {
    const url = request.url();
    if (/^(data|blob):/.test(url)) return;
    log.requests.push(url);
    if (!url.startsWith(origin)) log.faults.push(`request to another host: ${url}`);
  });
  page.on('requestfailed', (request) => log.faults.push(`failed: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) log.faults.push(`${response.status()}: ${response.url()}`);
  });
  return log;
}

/** The pages of one folder, during one test. */
class Site {
  constructor(server) {
    this.server = server;
    this.opened = [];
  }

  /**
   * Opens a page in a profile of its own. page.log has `messages` (console), `requests` (except data and blob)
   * and `faults`.
   * @param options  width, height, and options of Playwright's newContext: colorScheme, locale, hasTouch, ...
   */
  async open(file, {width = 1280, height = 800, ...options} = {}) {
    const context = await (await startBrowser()).newContext({viewport: {width, height}, ...options});
    const page = await context.newPage();
    page.log = watch(page, this.server.url);
    this.opened.push({file, page, context});
    await page.goto(this.server.url + file, {waitUntil: 'load'});
    return page;
  }

  async close() {
    await Promise.all(this.opened.map(({context}) => context.close()));
    await this.server.close();
  }

  expectNoFaults() {
    for (const {file, page} of this.opened) assert.deepEqual(page.log.faults, [], `faults of ${file}`);
  }
}

/** A test of the pages in a folder. */
export function browserTest(name, folder, body) {
  test(name, {timeout: 300_000}, async (context) => {
    const site = new Site(await serve(folder));
    try {
      await body(site, context);
      site.expectNoFaults();
    } finally {
      await site.close();
    }
  });
}

/** Sizes and color schemes that each page must support: options for Site.open. */
export const views = ['phone', 'desktop'].flatMap((device) => ['light', 'dark'].map((colorScheme) => ({
  name: `${device}-${colorScheme}`,
  options: {...(device === 'phone' ? {width: 360, height: 740, hasTouch: true} : {width: 1280, height: 800}), colorScheme},
})));

/** Axe-core must find no violation, best practices included. */
export async function expectAccessible(page) {
  await page.evaluate(axe.source);
  const {violations} = await page.evaluate(() => globalThis.axe.run());
  const lines = violations.flatMap(({id, help, nodes}) => [
    `${id}: ${help}`, ...nodes.map((node) => `  ${node.target.join(' ')}: ${node.failureSummary}`)]);
  assert.deepEqual(lines, [], `axe-core: ${page.url()}`);
}

export async function expectNoHorizontalScroll(page) {
  const [scroll, client] = await page.evaluate(() => {
    const {scrollWidth, clientWidth} = document.documentElement;
    return [scrollWidth, clientWidth];
  });
  assert.ok(scroll <= client, `the page is ${scroll} pixels wide, expected at most ${client}`);
}

/** Writes screenshots/NAME.png in the current folder: the whole page, unless options say otherwise. */
export async function screenshot(page, name, options = {}) {
  fs.mkdirSync('screenshots', {recursive: true});
  await page.screenshot({path: path.join('screenshots', `${name}.png`), fullPage: true, ...options});
}
