// Runs the files of tests/model/onnx_files_test.cpp in onnxruntime and compares the outputs:
//
//   node onnx_runtime.js FOLDER
//
// onnxruntime-node must be in a folder node_modules of the current folder or above it. onnxruntime has no Elu,
// Softplus or PRelu of double; onnx_runtime.py computes these.
'use strict';
const fs = require('fs');
const path = require('path');
let runtime;
try {
  runtime = require(require.resolve('onnxruntime-node', {paths: [process.cwd()]}));
} catch (error) {
  console.log('skipped: onnxruntime-node is not installed (npm install --ignore-scripts onnxruntime-node)');
  process.exit(0);
}

function largest(values) {
  return values.indexOf(Math.max(...values));
}

async function check(folder, name) {
  const [type, inputs, outputs, samples] = fs.readFileSync(path.join(folder, name + '.txt'), 'ascii').trim().split(' ');
  const Values = type === 'float' ? Float32Array : Float64Array;
  const bytes = fs.readFileSync(path.join(folder, name + '.bin'));
  const values = new Values(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const x = values.slice(0, inputs * samples), expected = values.slice(inputs * samples);
  const session = await runtime.InferenceSession.create(path.join(folder, name + '.onnx'));
  const tensor = new runtime.Tensor(type === 'float' ? 'float32' : 'float64', x, [Number(samples), Number(inputs)]);
  const y = (await session.run({input: tensor})).output.data;
  let difference = y.length === expected.length ? 0 : Infinity, classes = 0;
  for (let i = 0; i < expected.length; ++i) {
    difference = Math.max(difference, Math.abs(y[i] - expected[i]));
  }
  for (let sample = 0; sample < samples; ++sample) {
    const range = [sample * outputs, (sample + 1) * outputs];
    classes += largest(Array.from(y.slice(...range))) === largest(Array.from(expected.slice(...range))) ? 1 : 0;
  }
  const passed = difference <= (type === 'float' ? 1e-5 : 1e-12) && classes === Number(samples);
  console.log(`${passed ? 'passed' : 'FAILED'} ${name}: difference ${difference}, same class ${classes} of ${samples}`);
  return passed;
}

async function main(folder) {
  const names = fs.readdirSync(folder).filter(file => file.endsWith('.onnx')).map(file => file.slice(0, -5));
  const left_out = names.filter(name => /^(elu|softplus|leaky_relu)_.*double$/.test(name));
  let passed = names.length > 0;
  for (const name of names.filter(name => !left_out.includes(name))) {
    passed = await check(folder, name) && passed;
  }
  process.exit(passed ? 0 : 1);
}
main(process.argv[2]);
