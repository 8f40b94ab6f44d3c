// The speed of 784-200-10 in Chromium: MNIST digits, float, one thread, and its ratio to the native build. The
// limits are those of a 2-core Xeon server. The best of many short measurements counts, because other programs
// use the processor, too.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import {browserTest, setting} from './support/browser.mjs';

const native = process.env.NATIVE;
const limits = {mnist: 8, dense: 25, train: 60000};
const meets = ({mnist, dense, train}) => mnist <= limits.mnist && dense <= limits.dense && train >= limits.train;
const best = (a, b) => ({mnist: Math.min(a.mnist, b.mnist), dense: Math.min(a.dense, b.dense),
                         train: Math.max(a.train, b.train)});

/** Measures until the limits are met, but at least `least` and at most `most` times. */
async function measure(least, most, once) {
  let result = await once();
  for (let count = 1; count < least || (count < most && !meets(result)); ++count) result = best(result, await once());
  return result;
}

/** engine.benchmark in the page, with the bundled digits. */
function benchmarkInPage() {
  return (async () => {
    globalThis.measured ??= (async () => {
      const {loadEngine} = await import('./backquery.js');
      const engine = await loadEngine();
      const bytes = new Uint8Array(await (await fetch('mnist_train_1000.csv.gz')).arrayBuffer());
      return {engine, digits: await engine.readDigits([{name: 'mnist_train_1000.csv.gz', bytes}])};
    })();
    const {engine, digits} = await globalThis.measured;
    const {queryMicroseconds, trainSamplesPerSecond} = engine.benchmark({samples: 300, digits});
    return {...queryMicroseconds, train: trainSamplesPerSecond};
  })();
}

function benchmarkNative() {
  const digits = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
                           '../../examples/data/mnist_train_1000.csv');
  const [mnist, dense, train] = execFileSync(native, ['benchmark', digits], {encoding: 'utf8'}).split(/\s/).map(Number);
  return {mnist, dense, train};
}

browserTest('a query takes at most 8 / 25 microseconds, and a second trains at least 60,000 samples', setting('PAGE'),
            async (site, context) => {
  const page = await site.open('index.html');
  const show = (name, {mnist, dense, train}) => context.diagnostic(
      `${name}: query ${mnist.toFixed(1)} / ${dense.toFixed(1)} us (MNIST / dense), train ${Math.round(train)} samples/s`);
  const web = await measure(20, 100, () => page.evaluate(benchmarkInPage));
  show('Chromium', web);
  if (fs.existsSync(native)) {
    const here = await measure(5, 5, benchmarkNative);
    show('native', here);
    context.diagnostic(`speed in Chromium / native: query ${(here.mnist / web.mnist).toFixed(2)} / ` +
                       `${(here.dense / web.dense).toFixed(2)}, train ${(web.train / here.train).toFixed(2)}`);
  }
  assert.ok(meets(web), `expected ${JSON.stringify(limits)}`);
});
