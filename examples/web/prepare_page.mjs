// Prepares the data of the page, with the engine that the page uses:
//
//   node prepare_page.mjs PAGE DATA [MODEL]
//
// Packs the bundled digits of DATA into the folder PAGE, and writes digits.model, the network that the page
// starts with: the file MODEL, or else a network that is trained on the bundled digits.
import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {gzipSync} from 'node:zlib';

import {loadEngine} from './page/backquery.js';

const [page, data, model] = process.argv.slice(2);
const engine = await loadEngine(pathToFileURL(`${page}/`));

function pack(name) {
  fs.writeFileSync(path.join(page, `${name}.gz`), gzipSync(fs.readFileSync(path.join(data, name)), {level: 9}));
}

async function readDigits(name) {
  return engine.readDigits([{name, bytes: fs.readFileSync(path.join(data, name))}]);
}

/**
 * A network for the handwriting of many people: each epoch deforms the images anew. The small learning rate and
 * the decay of the first weights keep the network close to the means of the digits, so that the portraits of
 * backquery look like digits; the network recognizes seven of the ten portraits. With a larger rate and without
 * decay, the accuracy is higher, but fewer portraits are recognized.
 */
async function trainedNetwork() {
  const digits = await readDigits('mnist_train_1000.csv');
  const network = engine.createNetwork({layerSizes: [784, 200, 10], seed: 1});
  const deformation = {degrees: 10, scale: 0.1, shear: 0.15, elasticSigma: 6, elasticAlpha: 36};
  const training = engine.createTraining(network, digits, {deformation, shuffle: true, seed: 1});
  const epochs = 350;
  for (let epoch = 0; epoch < epochs; ++epoch) {
    network.learningRate = 0.025 * (1 - epoch / epochs);
    training.run(training.samplesPerEpoch);
    const kept = 1 - 0.5 * network.learningRate;
    changeWeights(network, 0, (weight) => weight * kept);
  }
  network.learningRate = 0.1;
  // Rounded weights let the file compress to less than half.
  [0, 1].forEach((layer) => changeWeights(network, layer, (weight) => Math.round(weight * 1024) / 1024));
  return network;
}

function changeWeights(network, layer, change) {
  network.setWeights(layer, network.weights(layer).values.map(change));
}

function givenNetwork() {
  const network = engine.loadNetwork(fs.readFileSync(model), path.basename(model));
  const sizes = network.layerSizes;
  if (sizes[0] !== 784 || sizes.at(-1) !== 10) {
    throw new Error(`${model}: has ${sizes[0]} inputs and ${sizes.at(-1)} outputs, expected 784 and 10`);
  }
  return network;
}

try {
  ['mnist_train_1000.csv', 'mnist_test_500.csv'].forEach(pack);
  const network = model ? givenNetwork() : await trainedNetwork();
  fs.writeFileSync(path.join(page, 'digits.model'), network.save());
  const {accuracy} = network.evaluate(await readDigits('mnist_test_500.csv'));
  console.log(`digits.model: accuracy ${accuracy.toFixed(3)} on mnist_test_500.csv`);
} catch (error) {
  console.error(`prepare_page.mjs: ${error.message}`);
  process.exitCode = 1;
}
