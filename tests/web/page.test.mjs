// The built page as a whole: its files and its size.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {gzipSync} from 'node:zlib';

import {engine, page, testDigits} from './support.mjs';

const files =
    fs.readdirSync(page, {recursive: true}).filter((file) => fs.statSync(path.join(page, file)).isFile());
const content = (file) => fs.readFileSync(path.join(page, file));

test('the page, compressed, has at most 1.2 MB', (context) => {
  const sizes = files.map((file) => [file, gzipSync(content(file), {level: 9}).length]);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  for (const [file, size] of sizes.filter(([, size]) => size > 10000)) context.diagnostic(`${size} ${file}`);
  context.diagnostic(`${total} in all`);
  assert.ok(total <= 1.2e6);
});

test('the first network predicts digits that it was not trained on, and its own portraits', (context) => {
  const network = engine.loadNetwork(content('digits.model'));
  const {accuracy} = network.evaluate(testDigits);
  const recognized = Array.from({length: 10}, (_, digit) => digit).filter((digit) => {
    const targets = Array.from({length: 10}, (_, i) => (i === digit ? 0.99 : 0.01));
    const outputs = network.query(network.backquery(targets));
    return outputs.indexOf(Math.max(...outputs)) === digit;
  });
  context.diagnostic(`accuracy ${accuracy} on mnist_test_500.csv; portraits recognized: ${recognized}`);
  assert.ok(accuracy >= 0.95);
  assert.ok(recognized.length >= 7);
});

test('the licenses of all code are shipped', () => {
  const license = content('LICENSE').toString();
  for (const name of ['backquery', 'Emscripten', 'musl', 'LLVM', 'Eigen',
           'Mozilla Public License Version 2.0', 'MNIST']) {
    assert.ok(license.includes(name), name);
  }
});

test('no file names another host', () => {
  for (const file of files.filter((name) => /\.(html|css|js)$/.test(name) && name !== 'engine.js')) {
    const links = content(file).toString().match(
                      /(?:src|href|url|import|fetch)\s*[=(]?\s*['"(]?\s*(?:https?:)?\/\/[^'")\s]*/g) ??
        [];
    assert.deepEqual(links, [], file);
  }
});
