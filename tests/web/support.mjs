// The engine of the built page, and the bundled digits.
import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

/** The folder of the built page. */
export const page = process.env.PAGE;
export const data = process.env.DATA;

/** backquery.js as the page has it. */
const {loadEngine} = await import(pathToFileURL(path.join(page, 'backquery.js')));
export const engine = await loadEngine();

export const read = (name) => ({name, bytes: fs.readFileSync(path.join(data, name))});
export const trainingDigits = await engine.readDigits([read('mnist_train_1000.csv')]);
export const testDigits = await engine.readDigits([read('mnist_test_500.csv')]);

export const bytesOf = (text) => new TextEncoder().encode(text);
export const bookNetwork = (seed = 1) =>
    engine.createNetwork({layerSizes: [784, 200, 10], learningRate: 0.1, seed});

/** The inputs for an image: 0.01 for paper, 1 for ink. */
export function inputsOf(digits, index) {
  const size = digits.rows * digits.cols;
  return Float32Array.from(
      digits.pixels.subarray(index * size, (index + 1) * size), (pixel) => 0.01 + 0.99 * pixel / 255);
}

export const largestDifference = (a, b) =>
    a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
