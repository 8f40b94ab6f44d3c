// The speed of 784-200-10, MNIST digits, float, one thread, and its ratio to the native build. The limits are
// those of a 2-core Xeon server; the best of many short measurements counts, because other programs use the
// processor, too. Chromium has the compiler of Node.js; ../browser measures there.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import {data, engine, trainingDigits} from './support.mjs';

function best(measure, attempts) {
  const all = Array.from({length: attempts}, measure);
  return {
    mnist: Math.min(...all.map(({mnist}) => mnist)),
    dense: Math.min(...all.map(({dense}) => dense)),
    train: Math.max(...all.map(({train}) => train)),
  };
}

test('a query takes at most 8 / 25 microseconds, and a second trains at least 60,000 samples', (context) => {
  const web = best(() => {
    const {queryMicroseconds, trainSamplesPerSecond} =
        engine.benchmark({samples: 300, digits: trainingDigits});
    return {...queryMicroseconds, train: trainSamplesPerSecond};
  }, 60);
  const show = (name, {mnist, dense, train}) => context.diagnostic(`${name}: query ${mnist.toFixed(1)} / ${
      dense.toFixed(1)} us (MNIST / dense), train ${Math.round(train)} samples/s`);
  show('WebAssembly', web);
  if (fs.existsSync(process.env.NATIVE)) {
    const native = best(() => {
      const [mnist, dense, train] = execFileSync(process.env.NATIVE,
          ['benchmark', path.join(data, 'mnist_train_1000.csv')],
          {encoding:
                'utf8'}).split(/\s/).map(Number);
      return {mnist, dense, train};
    }, 5);
    show('native', native);
    context.diagnostic(`ratio to native: query ${(native.mnist / web.mnist).toFixed(2)} / ` +
        `${(native.dense / web.dense).toFixed(2)}, train ${(web.train / native.train).toFixed(2)}`);
  }
  assert.ok(web.mnist <= 8 && web.dense <= 25 && web.train >= 60000);
});
