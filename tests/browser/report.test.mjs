// The report that mnist_train writes: a valid, accessible page without script or network, whose numbers are
// those that mnist_train prints.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import test from 'node:test';
import {fileURLToPath} from 'node:url';

import {browserTest, expectAccessible, expectNoHorizontalScroll, packageNamed, screenshot, setting, views} from './support/browser.mjs';

const {HtmlValidate} = packageNamed('html-validate');
const trainer = setting('MNIST_TRAIN');
const folder = 'report';
fs.rmSync(folder, {recursive: true, force: true});
fs.mkdirSync(folder);

/** Writes a report, and returns the output of mnist_train. */
function train(report, ...options) {
  return execFileSync(trainer, [...options, '--report', report], {cwd: folder, encoding: 'utf8'});
}

/** Images of a size, with labels that their bright rows show. */
function writeImages(name, {rows, labels, images = 60}) {
  const lines = Array.from({length: images}, (_, image) => {
    const label = labels[image % labels.length];
    const pixels = Array.from({length: rows * rows}, (_, i) => (i % labels.length === image % labels.length ? 200 : (i * image) % 90));
    return [label, ...pixels].join(',');
  });
  fs.writeFileSync(`${folder}/${name}`, `${lines.join('\n')}\n`);
}

/** A pair of IDX files, images of 3 rows and 1 column. */
function writeThinImages(count) {
  const file = (magic, sizes, bytes) => {
    const header = Buffer.alloc(4 + 4 * sizes.length);
    header.writeUInt32BE(magic);
    sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
    return Buffer.concat([header, Buffer.from(bytes)]);
  };
  const bytes = (length, value) => Array.from({length}, (_, i) => value(i));
  fs.writeFileSync(`${folder}/thin-images-idx3-ubyte`, file(0x803, [count, 3, 1], bytes(3 * count, (i) => (37 * i) % 256)));
  fs.writeFileSync(`${folder}/thin-labels-idx1-ubyte`, file(0x801, [count], bytes(count, (i) => i % 4)));
}

const data = fileURLToPath(new URL('../data/', import.meta.url));
const hostile = `<b>&"'.csv`;
writeImages(hostile, {rows: 9, labels: Array.from({length: 26}, (_, i) => i + 1)});
writeImages('two.csv', {rows: 70, labels: [3, 4]});
writeImages('unlabeled.csv', {rows: 9, labels: [1]});
fs.writeFileSync(`${folder}/unlabeled.csv`, fs.readFileSync(`${folder}/unlabeled.csv`, 'utf8').replace(/^1,/gm, ''));

const printed = train('digits.html', '--save', 'digits.model');
const ofClasses = ['--classes', '26', '--first-label', '1', '--train', hostile];
train('hostile.html', ...ofClasses, '--test', hostile, '--hidden', '12,7', '--epochs', '1', '--error-propagation', 'gradient');
train('two.html', '--classes', '2', '--first-label', '3', '--train', 'two.csv', '--test', 'two.csv', '--hidden', '3', '--epochs', '1000');
train('unlabeled.html', ...ofClasses, '--test', 'unlabeled.csv', '--predict', 'predictions.csv', '--epochs', '2', '--hidden', '150');
fs.mkdirSync(`${folder}/pictures`);
for (const name of fs.readdirSync(`${data}pictures`).filter((file) => /^\d_/.test(file))) {
  fs.copyFileSync(`${data}pictures/${name}`, `${folder}/pictures/${name}`);
}
train('loaded.html', '--load', 'digits.model', '--test', 'pictures');
writeThinImages(20);
train('thin.html', '--load', `${data}model/float_classifier.bqm`, '--test', 'thin-images-idx3-ubyte');
const reports = ['digits', 'hostile', 'two', 'unlabeled', 'loaded', 'thin'];

test('html-validate finds no error', async () => {
  const validator = new HtmlValidate({extends: ['html-validate:recommended']});
  for (const report of reports) {
    const {results} = await validator.validateFile(`${folder}/${report}.html`);
    const messages = results.flatMap((result) => result.messages);
    assert.deepEqual(messages.map(({line, ruleId, message}) => `${report}:${line}: ${ruleId}: ${message}`), []);
  }
});

test('a report has at most 1 MB', () => {
  for (const report of reports) {
    const {size} = fs.statSync(`${folder}/${report}.html`);
    assert.ok(size <= 1e6, `${report}.html has ${size} bytes`);
  }
});

for (const report of reports) {
  const shown = report === 'digits' ? views : views.filter(({name}) => /phone-dark|desktop-light/.test(name));
  browserTest(`${report}.html is accessible in each size and color scheme, silent, and needs no network`, folder, async (site) => {
    for (const {name, options} of shown) {
      const page = await site.open(`${report}.html`, options);
      await screenshot(page, `report-${report}-${name}`);
      assert.deepEqual(page.log.messages, []);
      assert.deepEqual(page.log.requests, [page.url()]);
      await page.$$eval('details', (all) => all.forEach((details) => { details.open = true; }));
      await expectNoHorizontalScroll(page);
      await expectAccessible(page);
    }
  });
}

/** The texts of all rows of a table. */
function rows(page, table) {
  return page.$$eval(`${table} tr`, (all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
}

browserTest('the numbers are those that mnist_train prints', folder, async (site) => {
  const page = await site.open('digits.html');
  const confusion = (await rows(page, '.confusion tbody')).map((row) => row.map(Number));
  const expected = printed.match(/^ *\d+( +\d+){10} +\d\.\d{4}$/gm).map((line) => line.trim().split(/ +/).map(Number));
  assert.equal(expected.length, 10);
  assert.deepEqual(confusion, expected);
  const performance = printed.match(/^performance = (.*)$/m)[1];
  assert.equal(await page.textContent('.key-figures dd'), performance);
  const epochs = await rows(page, '.numbers tbody');
  assert.deepEqual(epochs.map((row) => row[5]), [...printed.matchAll(/accuracy (\d\.\d+)/g)].map((match) => match[1]));
  assert.equal(epochs.at(-1)[5], performance);
});

browserTest('texts appear as they are, and the command is quoted for a shell', folder, async (site) => {
  const page = await site.open('hostile.html');
  assert.equal(await page.locator('main b').count(), 0);
  assert.match(await page.textContent('.settings'), /60 images of 9 x 9 from <b>&"'\.csv[^]*Labels1 to 26/);
  const command = await page.textContent('pre');
  assert.ok(command.includes(`--train '<b>&"'\\''.csv'`), command);
  const again = execFileSync('sh', ['-c', command], {cwd: folder, encoding: 'utf8'});
  assert.match(again, /report: hostile\.html/);
});

browserTest('labels start at the first label, and each picture has the size of the images', folder, async (site) => {
  const page = await site.open('two.html');
  assert.deepEqual((await rows(page, '.confusion thead'))[0], ['label', '3', '4', 'correct']);
  assert.equal(await page.locator('.units img').count(), 3);
  assert.equal(await page.locator('.portraits img').count(), 2);
  assert.equal((await rows(page, '.numbers tbody')).length, 100);
  const large = await site.open('hostile.html');
  assert.equal((await rows(large, '.confusion tbody')).length, 26);
  assert.equal(await large.getAttribute('.units img', 'width'), '9');
});

browserTest('words stand in place of what a report cannot have', folder, async (site) => {
  const unlabeled = await site.open('unlabeled.html');
  assert.match(await unlabeled.textContent('main'), /The test images have no labels, so there is no accuracy/);
  assert.equal(await unlabeled.locator('.confusion').count(), 0);
  assert.equal(await unlabeled.locator('.units img').count(), 100);
  const loaded = await site.open('loaded.html');
  assert.match(await loaded.textContent('main'), /No epoch was trained in this run\./);
  assert.match(await loaded.textContent('.settings'), /the network in digits\.model/);
  const thin = await site.open('thin.html');
  assert.match(await thin.textContent('.settings'), /20 images of 3 x 1/);
  assert.match(await thin.textContent('main'), /not finite|no portraits/);
});
