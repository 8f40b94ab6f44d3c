// The page against the library that is compiled for this processor.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import {bookNetwork, data, engine, inputsOf, largestDifference, testDigits, trainingDigits} from './support.mjs';

const native = process.env.NATIVE;
const skip = fs.existsSync(native) ? false : 'no compiler for this processor';
const training = path.join(data, 'mnist_train_1000.csv'), testing = path.join(data, 'mnist_test_500.csv');
const run = (...args) => execFileSync(native, args, {encoding: 'utf8'});

function write(name, network) {
  fs.writeFileSync(name, network.save());
  return name;
}
const readNetwork = (name) => engine.loadNetwork(fs.readFileSync(name), name);

test('a new network has the weights of the native library, bit for bit', {skip}, () => {
  const fresh = write('fresh.model', bookNetwork(7));
  run('train', fresh, training, '0', '0', '-1', 'copy.model');
  assert.deepEqual(fs.readFileSync('copy.model'), fs.readFileSync(fresh));
});

for (const [name, epochs, options, seed] of [['in order', 1, {}, -1],
         ['with rotated copies', 10, {rotate: 10}, -1],
         ['in random order', 3, {shuffle: true, seed: 5}, 5],
]) {
  test(`a training in the page equals the native training: ${name}`, {skip}, (context) => {
    const network = bookNetwork(7);
    run('train', write('start.model', network), training, `${epochs}`, `${options.rotate ?? 0}`, `${seed}`,
        'trained.model');
    const steps = engine.createTraining(network, trainingDigits, options);
    while (steps.epoch < epochs) steps.run(100);
    const other = readNetwork('trained.model');
    const [here, there] = [network, other].map((net) => net.evaluate(testDigits).accuracy);
    const difference = largestDifference(network.weights(0).values, other.weights(0).values);
    context.diagnostic(
        `accuracy ${here}, native ${there}; weights differ by at most ${difference.toExponential(1)}`);
    assert.ok(Math.abs(here - there) <= 0.004);
    assert.ok(difference < 1e-2);
  });
}

test('outputs of a network of the native program are equal up to rounding', {skip}, (context) => {
  run('train', write('start.model', bookNetwork(7)), training, '2', '10', '-1', 'trained.model');
  const expected = run('outputs', 'trained.model', testing).trim().split('\n').map(Number);
  const network = readNetwork('trained.model');
  const outputs = [...Array(500).keys()].flatMap((i) => [...network.query(inputsOf(testDigits, i))]);
  assert.equal(outputs.length, expected.length);
  const difference = largestDifference(outputs, expected);
  context.diagnostic(`outputs differ by at most ${difference.toExponential(1)}`);
  assert.ok(difference < 1e-5);
});

const mnistTrain = process.env.MNIST_TRAIN;
test('mnist_train loads a network of the page and trains to the same accuracy', {
  skip: fs.existsSync(mnistTrain) ? false : 'mnist_train is not built (cmake --workflow --preset mnist)',
},
    () => {
      const network = bookNetwork(7);
      const output = execFileSync(mnistTrain,
          [
            '--load', write('page.model', network), '--epochs', '5', '--rotate', '10', '--train', training,
            '--test', testing, '--save', 'native.model'
          ],
          {encoding: 'utf8'});
      const performance = Number(output.match(/^performance = (.*)$/m)[1]);
      const steps = engine.createTraining(network, trainingDigits, {rotate: 10});
      steps.run(5 * steps.samplesPerEpoch);
      assert.ok(Math.abs(network.evaluate(testDigits).accuracy - performance) <= 0.004);
      assert.ok(Math.abs(readNetwork('native.model').evaluate(testDigits).accuracy - performance) <= 0.004);
    });
