// Files: models, CSV and IDX, whole and damaged.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {gzipSync} from 'node:zlib';

import {bookNetwork, bytesOf, engine, page, read, testDigits, trainingDigits} from './support.mjs';

/** An IDX file of bytes. */
function idx(dimensions, values) {
  const bytes = new Uint8Array(4 + 4 * dimensions.length + values.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0800 + dimensions.length);
  dimensions.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  bytes.set(values, 4 + 4 * dimensions.length);
  return bytes;
}
const images = {
  name: 'images-idx3-ubyte',
  bytes: idx([500, 28, 28], testDigits.pixels)
};
const labels = {
  name: 'labels-idx1-ubyte',
  bytes: idx([500], testDigits.labels)
};
const model = bookNetwork().save();

test('a network that was saved and loaded saves the same bytes', () => {
  const loaded = engine.loadNetwork(model);
  assert.deepEqual(loaded.save(), model);
  assert.equal(loaded.learningRate, 0.1);
});

test('the bundled digits are read', () => {
  assert.deepEqual([trainingDigits.count, trainingDigits.rows, trainingDigits.cols, trainingDigits.classes],
      [1000, 28, 28, 10]);
  assert.deepEqual([...trainingDigits.labels.subarray(0, 5)], [5, 0, 4, 1, 9]);
  const line = fs.readFileSync(path.join(process.env.DATA, 'mnist_train_1000.csv'), 'utf8')
                   .split('\n')[1]
                   .split(',')
                   .map(Number);
  assert.deepEqual([...trainingDigits.pixels.subarray(784, 1568)], line.slice(1));
});

for (const [name, files] of [['an IDX pair', [images, labels]],
         ['an IDX pair in the other order', [labels, images]],
         ['an IDX pair with equal names', [{...images, name: 'file'}, {...labels, name: 'file'}]],
         [
           'files packed by gzip',
           [{name: 'i.gz', bytes: gzipSync(images.bytes)}, {name: 'l.gz', bytes: gzipSync(labels.bytes)}]
         ],
         [
           'a CSV packed by gzip',
           [{name: 'mnist_test_500.csv.gz', bytes: fs.readFileSync(path.join(page, 'mnist_test_500.csv.gz'))}]
         ],
         [
           'an ArrayBuffer', [{name: 'a.csv', bytes: new Uint8Array(read('mnist_test_500.csv').bytes).buffer}]
         ],
]) {
  test(`${name} has the digits of the CSV`, async () => {
    const digits = await engine.readDigits(files);
    assert.deepEqual([digits.count, digits.rows, digits.cols], [500, 28, 28]);
    assert.deepEqual(digits.labels, testDigits.labels);
    assert.deepEqual(digits.pixels, testDigits.pixels);
  });
}

for (const [name, files, message] of [[
       'a wrong line of a CSV', [{name: 'x.csv', bytes: bytesOf('1,2,3,4,5\n1,2,3\n')}],
       'x.csv:2:6: 2 pixels, expected 4 (2 x 2)'
     ],
         [
           'a label out of range', [{name: 'x.csv', bytes: bytesOf('1,2,3,4,5\n11,2,3,4,5\n')}],
           /^x\.csv:2:1: .*expected/
         ],
         [
           'an empty file', [{name: 'x.csv', bytes: new Uint8Array()}],
           'x.csv:1:1: no image, expected label,pixel,pixel,...'
         ],
         [
           'no file', [],
           'readDigits: no file: expected a CSV file, or the images and the labels of an IDX pair'
         ],
         [
           'one file of a pair', [images],
           'images-idx3-ubyte: is one file of an IDX pair, expected both: images and labels'
         ],
         ['two files of images', [images, {...images, name: 'b'}], /^(b|images-idx3-ubyte): .*expected/],
         [
           'images that are cut short', [{...images, bytes: images.bytes.slice(0, 5000)}, labels],
           'images-idx3-ubyte: truncated: 4984 bytes after the header, expected 500 images of 28 x 28'
         ],
         [
           'different counts', [images, {...labels, bytes: idx([499], testDigits.labels.subarray(0, 499))}],
           /499/
         ],
         [
           'a damaged gzip file', [{name: 'x.gz', bytes: gzipSync(images.bytes).subarray(0, 3000)}],
           'x.gz: is damaged or cut short, expected a complete gzip file'
         ],
         [
           'a picture', [{name: 'x.png', bytes: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0)}],
           /^x\.png: is a picture: /
         ],
]) {
  test(`${name} is an Error that names the file`, async () => {
    await assert.rejects(() => engine.readDigits(files), {name: 'Error', message});
  });
}

test('a model that is cut or changed anywhere is an Error', () => {
  for (const length of [0, 3, 15, 16, 100, model.length - 1]) {
    assert.throws(() => engine.loadNetwork(model.slice(0, length), 'a.model'), /^Error: a\.model: /);
  }
  for (const place of [0, 9, 20, 40, 1000, model.length - 1]) {
    const changed = model.slice();
    changed[place] ^= 1;
    assert.throws(() => engine.loadNetwork(changed, 'a.model'), /^Error: a\.model: /);
  }
});

test('names of files need not be names of the file system', async () => {
  for (const name of ['..', '.', '', '/', 'a/b', 'x\u0000y', '\u6570\u5b57.csv', 'a'.repeat(300)]) {
    const digits = await engine.readDigits([{name, bytes: bytesOf('1,2,3,4,5\n')}]);
    assert.equal(digits.count, 1);
  }
});
