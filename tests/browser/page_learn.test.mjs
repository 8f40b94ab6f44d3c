// The view Learn: training in the page.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import nodeTest from 'node:test';
import {gunzipSync, gzipSync} from 'node:zlib';

import {browserTest, expectAccessible, expectNoHorizontalScroll, screenshot, setting, views} from './support/browser.mjs';
import {folder, languages, moduleOf, openPage} from './support/page.mjs';

/** The sizes and color schemes in both languages. */
const everyView = views.flatMap(
    ({name, options}) => Object.entries(languages).map(
        ([language, locale]) => ({name: `${name}-${language}`, options: {...options, ...locale}})));

const mnistTrain = setting('MNIST_TRAIN');
const lines = (name) =>
    gunzipSync(fs.readFileSync(path.join(folder, `${name}.csv.gz`))).toString().trim().split('\n');
const training = lines('mnist_train_1000');
const test = lines('mnist_test_500');
const csv = (rows) => Buffer.from(`${rows.join('\n')}\n`);

/** The lines of a CSV as a pair of IDX files. */
function idxPair(rows, images, labels) {
  const values = rows.map((row) => row.split(',').map(Number));
  const header = (...numbers) => Buffer.from(Uint32Array.from(numbers).buffer).swap32();
  return [
    {
      name: images,
      bytes: gzipSync(Buffer.concat(
          [header(0x803, rows.length, 28, 28), ...values.map((row) => Buffer.from(row.slice(1)))]))
    },
    {
      name: labels,
      bytes: Buffer.concat([header(0x801, rows.length), Buffer.from(values.map(([label]) => label))])
    }
  ];
}

/** The last line of mnist_train: the share of correct test digits. */
function performanceOf(...options) {
  return Number(execFileSync(mnistTrain, options, {encoding: 'utf8'}).match(/performance = ([\d.]+)/)[1]);
}

const button = (tab, name) => tab.locator('.learn-controls, .learn-data').getByRole('button', {name, exact: true});
const correct = async (tab) =>
    Number((await tab.locator('.stat-value').nth(1).textContent()).replace(/[^\d.]/g, '')) / 100;
const epochs = async (tab) => parseFloat(await tab.locator('.stat-value').first().textContent());
const note = (tab) => tab.textContent('.learn .note');

async function openLearn(site, options) {
  const tab = await openPage(site, 'learn', options);
  await tab.waitForSelector('.learn-controls .primary:enabled');
  return tab;
}

async function finish(tab) {
  await tab.waitForFunction(
      () => /Done|almost nothing|\u5b8c\u6210/.test(document.querySelector('.learn .note').textContent), null,
      {timeout: 60_000});
}

async function set(tab, settings) {
  for (const [name, value] of Object.entries(settings)) await tab.fill(`#learn-${name}`, String(value));
}

async function train(tab, settings = {}) {
  await set(tab, settings);
  await button(tab, 'Start').click();
  await finish(tab);
}

async function waitForData(tab, pattern) {
  await tab.waitForFunction(
      (source) => new RegExp(source).test(document.querySelector('.learn .data').textContent),
      pattern.source);
  await tab.waitForSelector('.learn-controls .primary:enabled');
}

/** The file that "Save model" writes for the network of Learn. */
async function save(tab, file) {
  await tab.getByRole('button', {name: 'Use this network'}).click();
  await tab.waitForSelector('#notice:not([hidden])');
  const download = tab.waitForEvent('download');
  await tab.click('#save-model');
  await (await download).saveAs(file);
}

/** Drops files, [{name, bytes}], on the page. */
async function dropFiles(tab, files) {
  const content = files.map(({name, bytes}) => ({name, text: Buffer.from(bytes).toString('base64')}));
  await tab.evaluate((list) => {
    const transfer = new DataTransfer();
    for (const {name, text} of list) {
      transfer.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name));
    }
    for (const type of ['dragenter', 'dragover', 'drop']) {
      document.body.dispatchEvent(
          new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: transfer}));
    }
  }, content);
}

browserTest('training in the page gives the network of mnist_train', folder, async (site, context) => {
  const tab = await openLearn(site);
  const options = {
    learningRate: '--learning-rate',
    hidden: '--hidden',
    rotate: '--rotate',
    epochs: '--epochs',
    seed: '--seed'
  };
  for (const settings of [{}, {learningRate: 0.2, hidden: 40, rotate: 10, epochs: 2, seed: 7}]) {
    await train(tab, settings);
    const native =
        performanceOf(...Object.entries(settings).flatMap(([name, value]) => [options[name], String(value)]));
    const here = await correct(tab);
    context.diagnostic(`${JSON.stringify(settings)}: ${here} in the page, ${native} by mnist_train`);
    assert.ok(Math.abs(here - native) <= 0.02, `${here} in the page, ${native} by mnist_train`);
  }
});

browserTest('mnist_train loads a network that the page has trained', folder, async (site) => {
  const tab = await openLearn(site);
  await train(tab, {epochs: 1, hidden: 30});
  await save(tab, 'page_learn.model');
  assert.equal(performanceOf('--load', 'page_learn.model', '--epochs', '0'), await correct(tab));
  assert.match(await tab.textContent('#model-sizes'), /784-30-10/);
});

browserTest('a training pauses, makes one step, and continues', folder, async (site) => {
  const tab = await openLearn(site);
  await tab.check('#learn-slow');
  await button(tab, 'Start').click();
  await tab.waitForFunction(() => parseFloat(document.querySelector('.stat-value').textContent) > 0);
  await button(tab, 'Pause').click();
  await tab.waitForFunction(() => /Paused/.test(document.querySelector('.learn .note').textContent));
  const paused = await epochs(tab);
  assert.ok(paused > 0 && paused < 5);
  await tab.waitForTimeout(500);
  assert.equal(await epochs(tab), paused);

  await button(tab, 'One step').click();
  await tab.waitForSelector('.one-step:not([hidden])');
  const first = Number((await tab.textContent('.one-step h2')).replace(/\D/g, ''));
  assert.equal(first % 64, 1);  // the training stops after 64 digits
  await button(tab, 'One step').click();
  await tab.waitForFunction(
      (title) => document.querySelector('.one-step h2').textContent === title, `Step ${first + 1}`);
  const label = Number(training[first].split(',')[0]);
  assert.equal(await tab.textContent('.outputs .label th'), String(label));

  await tab.uncheck('#learn-slow');
  await button(tab, 'Continue').click();
  assert.ok(await tab.isHidden('.one-step'), 'its numbers are old');
  await finish(tab);
  assert.equal(await epochs(tab), 5);
  assert.ok(await correct(tab) > 0.8);
});

browserTest('one step moves the outputs towards the targets', folder, async (site) => {
  const tab = await openLearn(site);
  await button(tab, 'One step').click();
  await tab.waitForSelector('.one-step:not([hidden])');
  const rows =
      await tab.locator('.outputs tbody tr')
          .evaluateAll(
              (all) => all.map(
                  (row) => [...row.cells].map((cell) => Number(cell.textContent.replace('\u2212', '-')))));
  assert.equal(rows.length, 10);
  const distance = (column) => rows.reduce((sum, row) => sum + (row[1] - row[column]) ** 2, 0);
  assert.ok(distance(4) < distance(2), `${distance(2)} before, ${distance(4)} after`);
  for (const [, target, before, error] of rows) assert.ok(Math.abs(target - before - error) < 0.011);
});

browserTest('with rotation, the copies of a digit follow it', folder, async (site) => {
  const tab = await openLearn(site);
  await set(tab, {rotate: 10});
  const label = training[0].split(',')[0];
  const pictures = new Set();
  for (const turned of ['', ', rotated counterclockwise', ', rotated clockwise']) {
    await button(tab, 'One step').click();
    await tab.waitForFunction(
        (text) => document.querySelector('.one-step').textContent.includes(text),
        `was shown the digit ${label}${turned}. `);
    pictures.add(await tab.locator('.one-step canvas').first().evaluate((canvas) => canvas.toDataURL()));
  }
  assert.equal(pictures.size, 3);
});

browserTest('the settings change the curve, and earlier curves stay', folder, async (site) => {
  const tab = await openLearn(site);
  await train(tab, {epochs: 2});
  const usual = await correct(tab);
  await train(tab, {learningRate: 0.0001});
  assert.ok(await correct(tab) < usual - 0.1);
  assert.equal(await tab.locator('.runs tbody tr').count(), 2);
  assert.equal(await tab.locator('.curve').first().locator('.series').count(), 2);
  const slider = tab.locator('.setting input[type=range]').nth(1);
  await slider.focus();
  await tab.keyboard.press('ArrowRight');
  assert.equal(await tab.inputValue('#learn-hidden'), '300');
  assert.match(await note(tab), /new network/);
});

browserTest('dropped CSV files are used for training and test', folder, async (site) => {
  const tab = await openPage(site, 'draw');
  await dropFiles(tab, [
    {name: 'my_test.csv', bytes: csv(test.slice(0, 100))},
    {name: 'my_train.csv', bytes: csv(training.slice(0, 600))}
  ]);
  await waitForData(tab, /600 images from my_train.csv for training, 100 images from my_test.csv/);
  await train(tab, {epochs: 3});
  const native =
      (fs.writeFileSync('my_train.csv', csv(training.slice(0, 600))),
       fs.writeFileSync('my_test.csv', csv(test.slice(0, 100))),
       performanceOf('--train', 'my_train.csv', '--test', 'my_test.csv', '--epochs', '3'));
  assert.ok(Math.abs(await correct(tab) - native) <= 0.02);
  const sum = await tab.locator('.confusion tbody td:not(.share)')
                  .evaluateAll((cells) => cells.reduce((total, cell) => total + Number(cell.textContent), 0));
  assert.equal(sum, 100);
  await button(tab, 'Back to the bundled digits').click();
  await waitForData(tab, /bundled sample: 1,000/);
});

nodeTest('the names of files tell training from test', async () => {
  const {assignFiles} = await moduleOf('training_files.js');
  const assign = (...files) => {
    const {training, test} = assignFiles(files.map(([name, size]) => ({name, bytes: {length: size}})));
    return [training, test].map((list) => list.map(({name}) => name));
  };
  assert.deepEqual(assign(['a.csv', 10], ['b.csv', 60]), [['b.csv'], ['a.csv']]);  // the larger one
  assert.deepEqual(assign(['optdigits.tes', 10], ['optdigits.tra', 9]), [['optdigits.tra'], ['optdigits.tes']]);
  assert.deepEqual(assign(['latest_test.csv', 9], ['latest_train.csv', 9]),
                   [['latest_train.csv'], ['latest_test.csv']]);
  assert.deepEqual(assign(['mnist_test.csv', 10]), [['mnist_test.csv'], []]);
  assert.deepEqual(assign(['train-images-idx3-ubyte', 9], ['train-labels-idx1-ubyte', 1]),
                   [['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'], []]);
});

browserTest('a part of a single file is held out, and the page says so', folder, async (site) => {
  const tab = await openLearn(site);
  await dropFiles(tab, [{name: 'digits.csv.gz', bytes: gzipSync(csv(training.slice(0, 600)))}]);
  await waitForData(
      tab, /digits.csv.gz: 500 images for training. Every sixth image, 100 in all, is held out/);
  await train(tab, {epochs: 2});
  assert.ok(await correct(tab) > 0.5);
});

browserTest('chosen IDX files are used, compressed or not', folder, async (site) => {
  const tab = await openLearn(site);
  const files = [
    ...idxPair(training.slice(0, 500), 'train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte'),
    ...idxPair(test.slice(0, 50), 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte')
  ];
  await tab.setInputFiles(
      '.learn input[type=file]', files.map(({name, bytes}) => ({name, mimeType: '', buffer: bytes})));
  await waitForData(tab, /500 images from train-images-idx3-ubyte.gz.* 50 images from t10k/);
  await train(tab, {epochs: 2});
  assert.ok(await correct(tab) > 0.5);
});

browserTest('a broken CSV file is explained with line and column', folder, async (site) => {
  const tab = await openLearn(site);
  const broken =
      training.slice(0, 20).map((row, i) => (i === 6 ? row.replace(/^(\d+,\d+),\d+/, '$1,ink') : row));
  await dropFiles(tab, [{name: 'broken.csv', bytes: csv(broken)}]);
  await tab.waitForFunction(() => document.querySelector('.learn .problem').textContent !== '');
  assert.match(
      await tab.textContent('.learn .problem'),
      /unchanged. broken.csv:7:5: pixel 1 is "ink", expected a whole number/);
  assert.match(await tab.textContent('.learn .data'), /bundled sample/);
  await dropFiles(tab, [{name: 'notes.txt', bytes: Buffer.from('hello\n')}]);
  await tab.waitForFunction(() => /notes.txt/.test(document.querySelector('.learn .problem').textContent));
  await train(tab, {epochs: 1});
  assert.ok(await correct(tab) > 0.5);
  assert.equal(await tab.textContent('.learn .problem'), '');
});

browserTest('a network for other images trains, but cannot be used for drawings', folder, async (site) => {
  const tab = await openLearn(site);
  const small = training.slice(0, 300).map((row) => {
    const values = row.split(',');
    return [values[0], ...values.slice(1).filter((_, i) => Math.floor(i / 28) % 2 === 0 && i % 2 === 0)].join(
        ',');
  });
  await dropFiles(tab, [{name: 'small.csv', bytes: csv(small)}]);
  await waitForData(tab, /small.csv: 250 images/);
  await train(tab, {epochs: 5});
  assert.ok(await correct(tab) > 0.5);
  assert.ok(await tab.getByRole('button', {name: 'Use this network'}).isDisabled());
  assert.match(await tab.textContent('.learn'), /28 . 28 pixels, so they cannot use/);
});

browserTest('a training that fails or learns nothing is explained', folder, async (site) => {
  const tab = await openLearn(site);
  await train(tab, {learningRate: 20, epochs: 1});
  assert.match(await note(tab), /almost nothing/);
  await set(tab, {learningRate: 1e39});  // more than a float can hold
  await button(tab, 'Start').click();
  await tab.waitForFunction(
      () => /learning_rate is inf, expected a finite number/.test(
          document.querySelector('.learn .problem').textContent));
  await train(tab, {learningRate: 0.1});
  assert.ok(await correct(tab) > 0.5);
});

browserTest('trains without a connection', folder, async (site) => {
  const tab = await openLearn(site);
  await tab.context().setOffline(true);
  await site.server.close();
  await train(tab, {epochs: 1});
  assert.ok(await correct(tab) > 0.5);
});

browserTest('the page stays responsive and in place, and says each epoch once', folder, async (site) => {
  const tab = await openLearn(site);
  await tab.evaluate(() => {
    globalThis.said = [];
    new MutationObserver(() => said.push(document.querySelector('#announcer').textContent))
        .observe(document.querySelector('#announcer'), {childList: true});
    globalThis.shifts = [];
    new PerformanceObserver((list) => {
      for (const {hadRecentInput, sources} of list.getEntries()) {
        if (!hadRecentInput) shifts.push(...sources.map(({node}) => node?.outerHTML ?? String(node)));
      }
    }).observe({type: 'layout-shift'});
    globalThis.longest = 0;
    let last = performance.now();
    const frame = (now) => {
      longest = Math.max(longest, now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await train(tab, {epochs: 3, hidden: 500});
  const {said, longest, shifts} = await tab.evaluate(() => ({said, longest, shifts}));
  assert.deepEqual(shifts, []);
  assert.deepEqual(said.map((text) => text.match(/^Epoch (\d): accuracy [\d.]+ %$/)?.[1]), ['1', '2', '3']);
  assert.ok(longest < 250, `a frame took ${longest} ms`);
});

for (const {name, options} of everyView) {
  browserTest(`Learn is accessible and fits: ${name}`, folder, async (site) => {
    const tab = await openLearn(site, options);
    const [start] = await tab.locator('.learn-controls .buttons').first().locator('button').all();
    await screenshot(tab, `page-learn-untrained-${name}`);
    await expectAccessible(tab);
    await start.click();
    await finish(tab);
    await set(tab, {hidden: 20, rotate: 10});
    await start.click();
    await tab.waitForTimeout(100);
    await finish(tab);
    await tab.locator('.learn-controls .buttons').first().locator('button').nth(1).click();
    await tab.waitForSelector('.one-step:not([hidden])');
    await tab.waitForSelector('.learn-controls .primary:enabled');
    await expectNoHorizontalScroll(tab);
    await expectAccessible(tab);
    await screenshot(tab, `page-learn-${name}`);
  });
}
