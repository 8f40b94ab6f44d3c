// The page's view Draw: strokes, bars, keyboard, photos.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import {browserTest} from './support/browser.mjs';
import {digitStrokes, draw} from './support/digit_strokes.mjs';
import {folder, loadModel, openPage, startEngine} from './support/page.mjs';

const bars = '.view.draw .bars';
const bestBar = (page) => page.textContent(`${bars} .best .digit`);
const clear = (page) => page.click('[data-t="draw.clear"]');
const readings = (page) => page.$$eval('.reading', (all) => all.map(({textContent}) => textContent));
const announced = (page) => page.textContent('#announcer');

async function readsDigits(page, strokes = digitStrokes) {
  const read = [];
  for (const digit of strokes) {
    await draw(page, '.pad', digit);
    read.push(Number(await bestBar(page)));
    await clear(page);
  }
  return read;
}

const correct = (read) => read.filter((digit, i) => digit === i).length;

browserTest(
    'ten digits drawn by strokes are read by the page\'s own network', folder, async (site, context) => {
      const read = await readsDigits(await openPage(site));
      context.diagnostic(`read: ${read.join(' ')}`);
      assert.ok(correct(read) >= 9, `read ${read.join(' ')}`);
    });

/**
 * The model file of 5 epochs on all of MNIST, or null: cmake -P cmake/fetch_mnist.cmake brings the digits.
 */
function trainOnMnist() {
  const {MNIST: digits, MNIST_TRAIN: program} = process.env;
  const file = (name) => path.join(digits, `${name}-images-idx3-ubyte`);
  if (!digits || !program || !fs.existsSync(file('train'))) return null;
  execFileSync(
      program,
      ['--train', file('train'), '--test', file('t10k'), '--epochs', '5', '--save', 'page_draw.model']);
  return fs.readFileSync('page_draw.model');
}

browserTest(
    'ten digits drawn by strokes are read by a network that mnist_train trained', folder,
    async (site, context) => {
      const model = trainOnMnist();
      if (!model) {
        context.skip('MNIST or mnist_train is missing');
        return;
      }
      const page = await openPage(site);
      await loadModel(page, model);
      const read = await readsDigits(page);
      context.diagnostic(`read: ${read.join(' ')}`);
      assert.ok(correct(read) >= 9, `read ${read.join(' ')}`);
    });

browserTest('a small digit in a corner is read only after preprocessing', folder, async (site) => {
  const page = await openPage(site);
  let prepared = 0, plain = 0;
  for (const [digit, strokes] of digitStrokes.entries()) {
    await draw(page, '.pad', strokes, {scale: 0.5, left: 0.03, top: 0.02});
    const [first, second] = await readings(page);
    prepared += Number(first[0] === String(digit));
    plain += Number(second[0] === String(digit));
    await page.check('input[value=plain]');
    assert.equal(await bestBar(page), second[0], 'the bars show the chosen image');
    await page.check('input[value=centered]');
    assert.equal(await bestBar(page), first[0]);
    await clear(page);
  }
  assert.ok(prepared >= 9 && plain <= 5, `${prepared} with preprocessing, ${plain} without`);
});

/** Records the time from each pointer event to moved bars, and to the end of the frame that shows them. */
function recordLatency() {
  globalThis.latency = [];
  let start = null;
  addEventListener('pointermove', () => (start = performance.now()), true);
  const {port1, port2} = new MessageChannel();  // its messages arrive after the frame
  let measured = null;
  port2.onmessage = () => {
    if (measured) globalThis.latency.push({...measured, painted: performance.now() - measured.start});
    measured = null;
  };
  new MutationObserver(() => {
    if (start === null) return;
    measured = {start, moved: performance.now() - start};
    start = null;
    requestAnimationFrame(() => port1.postMessage(0));
  }).observe(document.querySelector('.view.draw .bars'), {subtree: true, attributeFilter: ['style']});
}

const quantile =
    (values, share) => [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))];

browserTest('bars move within the frame of the stroke, 16 milliseconds', folder, async (site, context) => {
  const page = await openPage(site);
  await draw(page, '.pad', digitStrokes[8]);  // compiles the code
  await clear(page);
  await page.evaluate(recordLatency);
  for (const digit of [0, 2, 3, 5, 8]) {
    await draw(page, '.pad', digitStrokes[digit]);
    await clear(page);
  }
  const latency = await page.evaluate(() => globalThis.latency);
  assert.ok(latency.length >= 100, `${latency.length} frames`);
  for (const name of ['moved', 'painted']) {
    const values = latency.map((entry) => entry[name]);
    const [median, high] = [quantile(values, 0.5), quantile(values, 0.95)];
    const text = `${name}: median ${median.toFixed(1)} ms, 95th percentile ${high.toFixed(1)} ms, ${
        values.length} events`;
    context.diagnostic(text);
    if (name === 'moved')
      assert.ok(median <= 16 && high <= 16, text);  // painted: plus the wait for the next frame
  }
});

browserTest('a digit is drawn by the keyboard alone', folder, async (site) => {
  const page = await openPage(site);
  await page.keyboard.press('Tab');
  for (let i = 0; i < 30 && !(await page.evaluate(() => document.activeElement.matches('.pad'))); ++i) {
    await page.keyboard.press('Tab');
  }
  const press = async (key, times) => {
    for (let i = 0; i < times; ++i) await page.keyboard.press(key);
  };
  await press('ArrowUp', 9);
  await press('ArrowLeft', 5);
  await page.keyboard.press(' ');
  await press('ArrowRight', 10);
  await page.keyboard.down('ArrowLeft');  // two keys at once: diagonally
  await press('ArrowDown', 5);
  await page.keyboard.up('ArrowLeft');
  await press('ArrowDown', 12);
  await page.keyboard.press(' ');
  assert.equal(await bestBar(page), '7');
  assert.match(await announced(page), /digit 7/);
  await page.waitForFunction(
      () => /Pen up, row \d+, column \d+/.test(document.querySelector('#announcer').textContent));
  await page.keyboard.press('Backspace');
  assert.equal(await page.locator(`${bars} .best`).count(), 0, 'undone');
});

browserTest('undo takes back one stroke, clear all of them', folder, async (site) => {
  const page = await openPage(site);
  const pixels = () => page.$eval('.pad', (canvas) => canvas.toDataURL());
  const empty = await pixels();
  await draw(page, '.pad', digitStrokes[4].slice(0, 1));
  const one = await pixels();
  await draw(page, '.pad', digitStrokes[4].slice(1));
  assert.notEqual(await pixels(), one);
  await page.click('[data-t="draw.undo"]');
  assert.equal(await pixels(), one);
  await draw(page, '.pad', digitStrokes[4].slice(1));
  await clear(page);
  assert.equal(await pixels(), empty);
  assert.ok(await page.isDisabled('[data-t="draw.undo"]'));
});

browserTest('the end of a stroke is announced to screen readers', folder, async (site) => {
  const page = await openPage(site);
  await draw(page, '.pad', digitStrokes[3]);
  assert.match(await announced(page), /digit 3/);
});

browserTest('a finger draws, and the page does not scroll', folder, async (site) => {
  const page = await openPage(site, 'draw', {width: 360, height: 740, hasTouch: true, isMobile: true});
  const devtools = await page.context().newCDPSession(page);
  const box = await page.locator('.pad').boundingBox();
  const touch = (type, point) => devtools.send('Input.dispatchTouchEvent', {
    type,
    touchPoints: point ? [{x: box.x + box.width * point[0], y: box.y + box.height * point[1]}] : [],
  });
  for (const [first, ...others] of digitStrokes[2]) {
    await touch('touchStart', first);
    for (const point of others) await touch('touchMove', point);
    await touch('touchEnd');
  }
  assert.equal(await bestBar(page), '2');
  assert.equal(await page.evaluate(() => scrollY), 0);
});

/** A photo of a drawn digit: gray ink on uneven paper, as PNG. */
function photo(strokes) {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 480;
  const context = canvas.getContext('2d');
  const light = context.createLinearGradient(0, 0, 640, 480);
  light.addColorStop(0, '#f2efe6');
  light.addColorStop(1, '#a9a69d');
  context.fillStyle = light;
  context.fillRect(0, 0, 640, 480);
  context.setTransform(220, 0, 0, 220, 330, 60);
  context.strokeStyle = '#3b3f63';
  context.lineWidth = 0.06;
  context.lineCap = context.lineJoin = 'round';
  for (const points of strokes) {
    context.beginPath();
    points.forEach(([x, y]) => context.lineTo(x, y));
    context.stroke();
  }
  return canvas.toDataURL();
}

const chosenFile = '.view.draw input[type=file]';

browserTest('a photo of a digit is read, and a blank one is rejected in words', folder, async (site) => {
  const page = await openPage(site);
  const picture = async (strokes) =>
      Buffer.from((await page.evaluate(photo, strokes)).split(',')[1], 'base64');
  await page.setInputFiles(
      chosenFile, {name: '5.png', mimeType: 'image/png', buffer: await picture(digitStrokes[5])});
  await page.waitForFunction(() => document.querySelector('.view.draw .best .digit')?.textContent === '5');
  const two = [...digitStrokes[1], ...digitStrokes[7].map((points) => points.map(([x, y]) => [x + 0.6, y]))];
  await page.setInputFiles(chosenFile, {name: '17.png', mimeType: 'image/png', buffer: await picture(two)});
  await page.waitForFunction(() => /has 2 digits/.test(document.querySelector('.sentence').textContent));
  await page.setInputFiles(chosenFile, {name: 'blank.png', mimeType: 'image/png', buffer: await picture([])});
  await page.waitForSelector('#notice.error:not([hidden])');
  assert.deepEqual(await readings(page), ['\u2013', '\u2013']);
  assert.match(await page.textContent('#notice p'), /^There is no ink in blank\.png/);
  await page.setInputFiles(
      chosenFile, {name: 'text.png', mimeType: 'image/png', buffer: Buffer.from('no picture')});
  await page.waitForFunction(
      () => document.querySelector('#notice p').textContent.startsWith('text.png is not'));
  await page.setInputFiles(
      chosenFile, {name: '2.png', mimeType: 'image/png', buffer: await picture(digitStrokes[2])});
  await page.waitForSelector('#notice', {state: 'hidden'});
  await draw(page, '.pad', digitStrokes[6]);
  assert.equal(await bestBar(page), '6', 'strokes replace the photo');
});

browserTest('the page predicts what the library predicts', folder, async (site) => {
  const page = await openPage(site);
  await draw(page, '.pad', digitStrokes[9]);
  const seen = await page.$eval('.sight canvas', (canvas) => {
    const {data} = canvas.getContext('2d').getImageData(0, 0, 28, 28);
    return Array.from({length: 784}, (_, i) => data[4 * i]);
  });
  const [paper, ink] = [Math.max(...seen), Math.min(...seen)];  // the light color scheme
  const inputs = Float32Array.from(seen, (value) => 0.01 + 0.99 * (paper - value) / (paper - ink));
  const engine = await startEngine();
  const network = engine.loadNetwork(fs.readFileSync(`${folder}/digits.model`));
  const expected = network.query(inputs);
  const shown = await page.$$eval(`${bars} .value`, (all) => all.map(({textContent}) => Number(textContent)));
  shown.forEach((value, digit) => assert.ok(Math.abs(value - expected[digit]) <= 0.02, `${digit}: ${value}`));
});
