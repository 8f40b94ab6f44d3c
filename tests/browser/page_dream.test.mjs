// The page's view Dream: backquery by sliders, the morph, and a drawing that becomes another digit.
import assert from 'node:assert/strict';
import fs from 'node:fs';

import {browserTest} from './support/browser.mjs';
import {digitStrokes, draw} from './support/digit_strokes.mjs';
import {folder, loadModel, openPage, startEngine} from './support/page.mjs';

const picture = (page, selector) => page.$eval(selector, (canvas) => canvas.toDataURL());
const portrait = '.portrait-image canvas';
const now = '.triptych figure:nth-child(2) canvas';
const sliders = (page) => page.$$eval('.mixer input', (all) => all.map(({value}) => Number(value)));
const settled = (page, steps = 150) => page.waitForFunction(
    (count) => document.querySelector('.dreaming .actions .caption').textContent.startsWith(`${count} `),
    steps);

/** The gray values of a canvas of 28 x 28, from 0 for the darkest to 1. */
async function pixels(page, selector) {
  const values = await page.$eval(selector, (canvas) => {
    const {data} = canvas.getContext('2d').getImageData(0, 0, 28, 28);
    return Array.from({length: 784}, (_, i) => data[4 * i]);
  });
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => (value - low) / (high - low));
}

browserTest(
    'the image is the backquery of the library for the outputs of the sliders', folder, async (site) => {
      const engine = await startEngine();
      const network = engine.loadNetwork(fs.readFileSync(`${folder}/digits.model`));
      const page = await openPage(site, 'dream');
      await page.click('.mixer button >> nth=7');
      await page.locator('.mixer input >> nth=2').fill('0.6');
      const targets = Float32Array.from({length: 10}, () => 0.01);
      targets[7] = 0.99;
      targets[2] = 0.6;
      assert.deepEqual(await sliders(page), Array.from(targets, (value) => Number(value.toFixed(2))));
      const seen = await pixels(page, portrait);  // light paper: ink is dark
      const expected = network.backquery(targets);
      seen.forEach(
          (value, i) => assert.ok(Math.abs(1 - value - (expected[i] - 0.01) / 0.98) < 0.02, `pixel ${i}`));
    });

browserTest('sliders move by the keyboard, and each has a name', folder, async (site) => {
  const page = await openPage(site, 'dream');
  const before = await picture(page, portrait);
  const slider = page.getByRole('slider', {name: 'Output of the node for 5'});
  await slider.focus();
  for (let i = 0; i < 30; ++i) await page.keyboard.press('ArrowUp');
  assert.ok(Math.abs((await sliders(page))[5] - 0.31) < 0.001);
  assert.notEqual(await picture(page, portrait), before);
});

browserTest('the morph plays, pauses and can be moved by hand', folder, async (site) => {
  const page = await openPage(site, 'dream');
  const play = page.locator('.morph .primary');
  const position = async () => Number(await page.inputValue('.position'));
  await play.click();
  await page.waitForFunction(() => document.querySelector('.position').value > 0.3);
  assert.equal(await play.textContent(), 'Pause');
  await play.click();
  const paused = await position();
  await page.waitForTimeout(200);
  assert.equal(await position(), paused);
  await page.locator('.position').fill('0.5');
  const values = await sliders(page);
  assert.deepEqual([values[3], values[8]], [0.5, 0.5]);
  await page.selectOption('.morph select >> nth=1', '4');
  await page.locator('.position').fill('1');
  assert.equal((await sliders(page)).indexOf(0.99), 4);
  await play.click();
  await page.click('#tab-draw');
  const hidden = await position();
  await page.waitForTimeout(200);
  assert.equal(await position(), hidden, 'a hidden view rests');
});

browserTest(
    'with reduced motion, the morph steps through nine images and the dream shows its end', folder,
    async (site) => {
      const page = await openPage(site, 'dream', {reducedMotion: 'reduce'});
      await page.evaluate(() => {
        globalThis.positions = new Set();
        setInterval(() => globalThis.positions.add(document.querySelector('.position').value), 10);
      });
      await page.click('.morph .primary');
      await page.waitForFunction(() => document.querySelector('.position').value >= 0.25);
      await page.waitForTimeout(100);
      const positions = await page.evaluate(() => [...globalThis.positions].map(Number));
      assert.deepEqual(positions, [0, 0.125, 0.25]);
      await page.click('.dreaming .digits button >> nth=6');
      assert.match(await page.textContent('.dreaming .actions .caption'), /^150 /);
    });

for (const [from, to] of [[3, 8], [1, 7], [5, 6]]) {
  browserTest(`a drawn ${from} becomes a ${to}`, folder, async (site, context) => {
    const page = await openPage(site);
    await draw(page, '.pad', digitStrokes[from]);
    await page.click('#tab-dream');
    const before = await picture(page, now);
    assert.equal(await page.textContent('.dreaming .best .digit'), String(from));
    await page.click(`.dreaming .digits button >> nth=${to}`);
    await settled(page);
    assert.equal(await page.textContent('.dreaming .best .digit'), String(to));
    const output = Number(await page.textContent('.dreaming .best .value'));
    context.diagnostic(`output of ${to}: ${output}`);
    assert.ok(output >= 0.8);
    await page.click('[data-t="dream.reset"]');
    assert.equal(await picture(page, now), before);
  });
}

/** The model with ReLU in its hidden layer. include/backquery/model/detail/format.hpp has the offsets. */
function withRelu(model) {
  const bytes = Buffer.from(model), relu = 4;
  assert.equal(bytes.readUInt32LE(56), 2, 'layers');
  for (const offset of [48, 60]) bytes.writeUInt32LE(relu, offset);
  let crc = 0xffffffff;
  for (const byte of bytes.subarray(0, -4)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  bytes.writeUInt32LE(~crc >>> 0, bytes.length - 4);
  return bytes;
}

browserTest(
    'a network without an inverse dreams, and the page says why it has no backquery', folder,
    async (site) => {
      const page = await openPage(site, 'dream');
      await loadModel(page, withRelu(fs.readFileSync(`${folder}/digits.model`)));
      assert.match(await page.textContent('.portrait .why'), /without an inverse \(ReLU\)/);
      assert.ok(await page.locator('.mixer button >> nth=1').isDisabled());
      const output = async () => Number(await page.textContent('.dreaming .bars li:nth-child(5) .value'));
      const before = await output();
      await page.click('.dreaming .digits button >> nth=4');
      await settled(page);
      assert.ok(await output() > before);
    });
