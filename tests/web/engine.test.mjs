// backquery.js: results against formulas that are computed here, and texts of errors.
import assert from 'node:assert/strict';
import test from 'node:test';

import {bookNetwork, engine, inputsOf, largestDifference, testDigits, trainingDigits} from './support.mjs';

const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const multiply = ({rows, cols, values}, x) => Array.from(
    {length: rows}, (_, row) => x.reduce((sum, value, col) => sum + values[row * cols + col] * value, 0));
const network = bookNetwork();
const inputs = inputsOf(testDigits, 0);
const targets = new Float32Array(10).fill(0.01);
targets[7] = 0.99;

test('the build names its instruction set', () => {
  assert.match(engine.build.text, /^backquery \d+\.\d+\.\d+, Eigen .*, float, optimized, WebAssembly SIMD$/);
  assert.equal(engine.build.simd, 'WebAssembly SIMD');
});

test('a new network has the given layers, rate and seed', () => {
  assert.deepEqual(network.layerSizes, [784, 200, 10]);
  assert.equal(network.learningRate, 0.1);
  assert.equal(network.hasInverse, true);
  assert.deepEqual(bookNetwork().weights(1), network.weights(1));
  assert.notDeepEqual(bookNetwork(2).weights(1), network.weights(1));
});

test('a query is the sigmoid of weights times values, layer by layer', () => {
  const hidden = multiply(network.weights(0), [...inputs]).map(sigmoid);
  const outputs = multiply(network.weights(1), hidden).map(sigmoid);
  assert.ok(largestDifference([...network.query(inputs)], outputs) < 1e-6);
  const layers = network.queryLayers(inputs);
  assert.deepEqual(layers.map(({length}) => length), [784, 200, 10]);
  assert.deepEqual(layers[0], inputs);
  assert.ok(largestDifference([...layers[1]], hidden) < 1e-6);
  assert.deepEqual(layers[2], network.query(inputs));
});

test('input gradients agree with finite differences', () => {
  const loss = (x) => network.query(x).reduce((sum, output, i) => sum + (output - targets[i]) ** 2 / 2, 0);
  const gradients = network.inputGradients(inputs, targets);
  const step = 0.01;
  for (const pixel of [0, 300, 406, 783]) {
    const moved = (by) => inputs.map((value, i) => (i === pixel ? value + by : value));
    const expected = (loss(moved(step)) - loss(moved(-step))) / (2 * step);
    assert.ok(Math.abs(gradients[pixel] - expected) < 1e-4, `${gradients[pixel]}, expected ${expected}`);
  }
});

test('backquery gives a picture for each digit', () => {
  const portrait = network.backquery(targets);
  assert.equal(portrait.length, 784);
  assert.ok(Math.abs(Math.min(...portrait) - 0.01) < 1e-6 && Math.abs(Math.max(...portrait) - 0.99) < 1e-6);
});

test('a dream moves the outputs towards the targets', () => {
  const trained = bookNetwork();
  engine.createTraining(trained, trainingDigits).run(2000);
  const start = new Float32Array(784).fill(0.5);
  const dreamed = trained.dream(start, targets, {steps: 60});
  assert.ok(dreamed.every((value) => value >= 0.0099 && value <= 1));
  const outputs = [...trained.query(dreamed)];
  assert.equal(outputs.indexOf(Math.max(...outputs)), 7);
  assert.ok(outputs[7] > trained.query(start)[7]);
  assert.deepEqual(trained.dream(start, targets, {steps: 0}), start);
});

test('digits are split into every nth and the others', () => {
  const [others, fifth] = testDigits.split(5);
  assert.deepEqual([others.count, fifth.count], [400, 100]);
  assert.deepEqual([...fifth.labels], [...testDigits.labels].filter((_, i) => i % 5 === 4));
  assert.deepEqual(others.pixels.subarray(0, 784), testDigits.pixels.subarray(0, 784));
  assert.deepEqual(fifth.pixels.subarray(0, 784), testDigits.pixels.subarray(4 * 784, 5 * 784));
});

test('the next sample of a training is the one that is trained next', () => {
  const training = engine.createTraining(network, trainingDigits, {rotate: 10});
  const copied = engine.loadNetwork(network.save());
  const steps = engine.createTraining(copied, trainingDigits, {rotate: 10});
  steps.run(3 * 300);
  const {inputs: x, targets: t, label, copy} = steps.next();
  assert.equal(label, trainingDigits.labels[300]);
  assert.equal(copy, 0);
  assert.ok(largestDifference(x, inputsOf(trainingDigits, 300)) < 1e-6);
  assert.deepEqual([...t.keys()].filter((i) => t[i] > 0.5), [label]);
  assert.equal(training.next().label, 5);
});

test('weights that are set are in row order', () => {
  const small = engine.createNetwork({layerSizes: [2, 3, 1]});
  small.setWeights(0, [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(small.weights(0), {rows: 3, cols: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6)});
  small.setWeights(1, [1, 1, 1]);
  const hidden = [0.5 * 1 - 0.25 * 2, 0.5 * 3 - 0.25 * 4, 0.5 * 5 - 0.25 * 6].map(sigmoid);
  const expected = sigmoid(hidden[0] + hidden[1] + hidden[2]);
  assert.ok(Math.abs(small.query([0.5, -0.25])[0] - expected) < 1e-6);
});

test('the worked example has the numbers of the book, and one step by hand', () => {
  const weights =
      [[0.9, 0.3, 0.4, 0.2, 0.8, 0.2, 0.1, 0.5, 0.6], [0.3, 0.7, 0.5, 0.6, 0.5, 0.2, 0.8, 0.1, 0.9]];
  const step = engine.workedExample(
      {inputs: [0.9, 0.1, 0.8], targets: [0.01, 0.99, 0.01], weights, learningRate: 0.1});
  const near = (values, expected, tolerance) =>
      assert.ok(largestDifference([...values], expected) < tolerance, `${values}, expected ${expected}`);
  near(step.hiddenSums, [1.16, 0.42, 0.62], 1e-12);
  near(step.hidden, [0.761, 0.603, 0.650], 0.0005);
  near(step.outputSums, [0.975, 0.888, 1.254], 0.001);
  near(step.outputs, [0.726, 0.708, 0.778], 0.001);
  const {hidden, outputs} = step;
  const errors = [0.01, 0.99, 0.01].map((target, i) => target - outputs[i]);
  near(step.outputErrors, errors, 1e-15);
  const back = [0, 1, 2].map((j) => errors.reduce((sum, error, i) => sum + weights[1][3 * i + j] * error, 0));
  near(step.hiddenErrors, back, 1e-15);
  const changes = [
    back.flatMap((error, i) => [0.9, 0.1, 0.8].map((x) => 0.1 * error * hidden[i] * (1 - hidden[i]) * x)),
    errors.flatMap((error, i) => [...hidden].map((h) => 0.1 * error * outputs[i] * (1 - outputs[i]) * h)),
  ];
  changes.forEach((change, layer) => {
    near(step.weightChanges[layer], change, 1e-15);
    near(step.newWeights[layer], weights[layer].map((weight, i) => weight + change[i]), 1e-15);
  });
  assert.ok(step.newOutputs[1] > outputs[1] && step.newOutputs[0] < outputs[0]);
});

test('a picture of a digit becomes inputs like those of MNIST', () => {
  const rows = 90, cols = 120, picture = new Uint8Array(rows * cols).fill(250);
  for (let row = 20; row < 70; ++row) picture.fill(10, row * cols + 55, row * cols + 62);
  assert.equal(engine.countDigits(picture, rows, cols), 1);
  const inputs = engine.digitFromImage(picture, rows, cols);
  assert.equal(inputs.length, 784);
  const ink = [...inputs.keys()].filter((i) => inputs[i] > 0.5);
  const center = ink.reduce((sum, i) => sum + Math.floor(i / 28), 0) / ink.length;
  assert.ok(Math.abs(center - 14) <= 0.5 && ink.every((i) => Math.abs(i % 28 - 14) <= 2), `${ink}`);
  for (let row = 20; row < 70; ++row) picture.fill(10, row * cols + 15, row * cols + 22);
  assert.equal(engine.countDigits(picture, rows, cols), 2);
});

test('training in portions equals training in one portion', () => {
  const [whole, portions] = [bookNetwork(), bookNetwork()];
  const options = {rotate: 10, shuffle: true, seed: 3};
  const [first, second] = [whole, portions].map((net) => engine.createTraining(net, trainingDigits, options));
  assert.equal(first.samplesPerEpoch, 3000);
  assert.equal(first.run(4000), 4000);
  for (const samples of [1, 1, 100, 898, 3000]) second.run(samples);
  assert.deepEqual([first.epoch, first.position], [1, 1000]);
  assert.deepEqual([second.epoch, second.position], [1, 1000]);
  assert.ok(largestDifference(whole.weights(0).values, portions.weights(0).values) < 1e-4);
  assert.ok(whole.evaluate(testDigits).accuracy > 0.75);
});

test('an evaluation counts every digit once', () => {
  const {accuracy, loss, confusion} = network.evaluate(testDigits, {limit: 200});
  assert.equal(confusion.reduce((sum, count) => sum + count), 200);
  const correct = [...Array(10).keys()].reduce((sum, digit) => sum + confusion[11 * digit], 0);
  assert.equal(accuracy, correct / 200);
  const expected = [...Array(200).keys()].reduce((sum, i) => {
    const outputs = network.query(inputsOf(testDigits, i));
    return sum +
        outputs.reduce((all, o, k) => all + (o - (k === testDigits.labels[i] ? 0.99 : 0.01)) ** 2 / 2, 0);
  }, 0) / 200;
  assert.ok(Math.abs(loss - expected) < 1e-5);
  assert.equal(network.evaluate(testDigits).confusion.reduce((sum, count) => sum + count), 500);
});

const errors = [
  [
    'a query of the wrong size', () => network.query(new Float32Array(5)),
    'backquery::NeuralNetwork::query: x has 5 rows, expected 784'
  ],
  [
    'targets out of range', () => network.backquery(new Float32Array(10).fill(1)),
    'backquery::NeuralNetwork::backquery: t(0, 0) is 1, expected a value between 0 and 1, both excluded'
  ],
  [
    'a layer that does not exist', () => network.weights(2),
    'backquery::NeuralNetwork: layer is 2, expected 0 to 1'
  ],
  [
    'half a node', () => engine.createNetwork({layerSizes: [784, 2.5, 10]}),
    'createNetwork: layerSizes[1] is 2.5, expected a whole number, 1 to 2147483647'
  ],
  [
    'a seed that is no number', () => engine.createNetwork({layerSizes: [2, 1], seed: NaN}),
    'createNetwork: seed is NaN, expected a whole number, 0 to 9007199254740991'
  ],
  [
    'a seed below zero', () => engine.createTraining(network, trainingDigits, {seed: -1}),
    'createTraining: seed is -1, expected a whole number, 0 to 9007199254740991'
  ],
  [
    'half a step', () => network.dream(inputs, targets, {steps: 0.5}),
    'dream: steps is 0.5, expected a whole number, 0 to 2147483647'
  ],
  [
    'a layer that is no number', () => network.weights(NaN),
    'weights: layer is NaN, expected a whole number, 0 to 2147483647'
  ],
  [
    'weights that are not finite', () => engine.createNetwork({layerSizes: [2, 1]}).setWeights(0, [1, 1e39]),
    'setWeights: values[1] is 1e+39, expected a finite number of 32 bits'
  ],
  [
    'a benchmark without samples', () => engine.benchmark({samples: 0}),
    'benchmark: samples is 0, expected a whole number, 1 to 2147483647'
  ],
  [
    'a benchmark without digits', () => engine.benchmark({digits: testDigits.split(1)[0]}),
    'benchmark: there are 0 digits, expected at least 1'
  ],
  [
    'a training that is no number of samples',
    () => engine.createTraining(network, trainingDigits).run(Infinity),
    'run: samples is Infinity, expected a whole number, 0 to 2147483647'
  ],
  [
    'too few weights', () => network.setWeights(1, [1, 2]),
    'setWeights: layer 1 has 10 x 200 weights, got 2 values'
  ],
  [
    'a rate below zero',
    () => {
      network.learningRate = -1;
    },
    'backquery::NeuralNetwork::set_learning_rate: value is -1, expected a finite number > 0'
  ],
  [
    'a picture without ink', () => engine.digitFromImage(new Uint8Array(3136).fill(255), 56, 56),
    'backquery::digit_from_image: the image of 56 x 56 has no ink, expected strokes ' +
        'that are darker or lighter than the paper'
  ],
  [
    'an empty layer', () => engine.createNetwork({layerSizes: [784, 0, 10]}),
    'createNetwork: layerSizes[1] is 0, expected a whole number, 1 to 2147483647'
  ],
  [
    'a network that is larger than any memory', () => engine.createNetwork({layerSizes: [1e6, 1e6, 10]}),
    'backquery::NeuralNetwork: layer_sizes[0] and [1] are 1000000 and 1000000: more weights than memory can hold'
  ],
  [
    'a network that is larger than the memory of this process',
    () => engine.createNetwork({layerSizes: [23150, 23150, 10]}), 'backquery: out of memory'
  ],
  [
    'an unknown activation',
    () => engine.workedExample(
        {inputs: [1], targets: [1], weights: [[1], [1]], learningRate: 1, activation: 'step'}),
    /^backquery::from_name: activation is 'step', expected one of identity, sigmoid/
  ],
  ['a split into nothing', () => testDigits.split(0), 'split: every is 0, expected a whole number, 1 to 2147483647'],
  [
    'a dream of the wrong size', () => network.dream([1, 2], targets),
    /^dream: start has 2 rows, expected 784/
  ],
  [
    'digits that do not fit the network',
    () => engine.createTraining(engine.createNetwork({layerSizes: [9, 10]}), trainingDigits).run(1),
    /x has 784 rows, expected 9/
  ],
  [
    'a training without images', () => engine.createTraining(network, testDigits.split(1)[0]),
    'training: there are 0 images, expected at least 1'
  ],
  [
    'an evaluation without images', () => network.evaluate(testDigits, {limit: 0}),
    /outputs is 10 x 0, expected at least 1 x 1$/
  ],
  [
    'an angle that is no number', () => engine.createTraining(network, trainingDigits, {rotate: NaN}),
    'backquery::Rotation: degrees is nan, expected a finite number'
  ],
];
for (const [name, call, message] of errors) {
  test(`${name} is an Error with the text of the library, and the engine works on`, () => {
    const before = network.query(inputs);
    assert.throws(call, {name: 'Error', message});
    assert.deepEqual(network.query(inputs), before);
  });
}

test('thousands of errors leave the memory of the stack as it was', () => {
  const before = network.query(inputs), blank = new Uint8Array(784).fill(255);
  for (let i = 0; i < 7000; ++i)
    assert.throws(() => engine.digitFromImage(blank, 28, 28), {message: /has no ink/});
  assert.deepEqual(network.query(inputs), before);
});

test('closed objects are named', () => {
  const closed = bookNetwork();
  const training = engine.createTraining(closed, trainingDigits);
  closed.close();
  closed.close();
  assert.throws(() => closed.query(inputs), {message: 'backquery: the network is closed'});
  assert.throws(() => training.run(1), {message: 'backquery: the network is closed'});
});
