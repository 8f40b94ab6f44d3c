// The library for pages, workers and Node.js: WebAssembly behind a small interface.
//
//   const engine = await loadEngine();
//   const network = engine.createNetwork({layerSizes: [784, 200, 10], learningRate: 0.1, seed: 1});
//   const outputs = network.query(inputs);   // 784 values, 0.01 for a blank pixel to 1 for ink
//
// Every function throws an Error whose message is the text of the C++ library. Arrays in results are copies.
// Matrices are row by row. Objects hold memory of the engine, which close() frees; otherwise it is freed some
// time after the last use.

/** Loads engine.js and engine.wasm from the folder of `base`. Each thread loads an engine of its own. */
export async function loadEngine(base = import.meta.url) {
  const {default: createModule} = await import(new URL('engine.js', base));
  return new Engine(await createModule({
    wasmBinary: await readFile(new URL('engine.wasm', base)), given: [], failure: null,
  }));
}

async function readFile(url) {
  if (url.protocol === 'file:') {  // Node.js
    const files = await import('node:fs/promises');
    return files.readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

/** An array of the engine's memory for the time of a call. */
class Argument {
  constructor(array) { this.array = array; }
}
const floats = (values) => new Argument(values instanceof Float32Array ? values : Float32Array.from(values));
const doubles = (values) => new Argument(values instanceof Float64Array ? values : Float64Array.from(values));
const integers = (values) => new Argument(Int32Array.from(values));
const text = (value) => new Argument(new TextEncoder().encode(`${value}\0`));

/** The value, if it is a whole number in the range. WebAssembly would round others, or turn them into 0. */
function whole(name, value, lowest = 0, highest = 2 ** 31 - 1) {
  if (!Number.isInteger(value) || value < lowest || value > highest) {
    throw new Error(`${name} is ${value}, expected a whole number, ${lowest} to ${highest}`);
  }
  return value;
}
const wholeSeed = (name, seed) => whole(name, seed, 0, Number.MAX_SAFE_INTEGER);

/** A pointer to an object of the engine. */
class Handle {
  #pointer;
  #free;
  #name;

  constructor(name, pointer, free) {
    this.#name = name;
    this.#pointer = pointer;
    this.#free = free;
    forgotten.register(this, () => free(pointer), this);
  }

  get pointer() {
    if (this.#pointer === 0) throw new Error(`backquery: the ${this.#name} is closed`);
    return this.#pointer;
  }

  close() {
    if (this.#pointer === 0) return;
    forgotten.unregister(this);
    this.#free(this.#pointer);
    this.#pointer = 0;
  }
}
const forgotten = new FinalizationRegistry((free) => free());

class Engine {
  #module;
  #files;

  constructor(module) {
    this.#module = module;
    this.#files = module.FS;
    this.#files.mkdir('/files');
    this.#files.chdir('/files');  // so that messages name files without a folder
    const [built, simd, version] = this.call('build_text').results.map((bytes) => new TextDecoder().decode(bytes));
    /** Version, compiler settings and instruction set. */
    this.build = Object.freeze({text: built, simd, version});
  }

  /** The book's network: sigmoid, no biases, errors split by weights. */
  createNetwork({layerSizes, learningRate = 0.1, seed = 1}) {
    const sizes = Array.from(layerSizes, (size, i) => whole(`createNetwork: layerSizes[${i}]`, size, 1));
    return new Network(this, this.call('network_create', integers(sizes), sizes.length, learningRate,
                                       wholeSeed('createNetwork: seed', seed)).value);
  }

  /** A network from the bytes of a model file. */
  loadNetwork(bytes, name = 'model') {
    return this.#withFiles([{name, bytes}],
                           ([path]) => new Network(this, this.call('network_load', text(path)).value));
  }

  /** The content of a model file, which `mnist_train --load` reads. */
  saveNetwork(network) {
    return this.#withFiles([], () => {
      const path = 'network.bqm';
      this.call('network_save', network.pointer, text(path));
      const bytes = this.#files.readFile(path);
      this.#files.unlink(path);
      return bytes;
    });
  }

  /**
   * Images with labels from [{name, bytes}]: a CSV file, or the images and the labels of an IDX pair, in any
   * order. Files compressed by gzip are unpacked.
   */
  async readDigits(files) {
    const unpacked = await Promise.all(files.map(gunzip));
    const kinds = unpacked.map(({bytes}) => idxDimensions(bytes));
    if (unpacked.length === 2 && kinds[0] !== null && kinds[1] !== null) {
      if (kinds[0] < kinds[1]) unpacked.reverse();  // the file of images has three dimensions
    } else if (unpacked.length !== 1) {
      throw new Error(`readDigits: ${unpacked.map(({name}) => name).join(', ') || 'no file'}: expected a CSV ` +
                      'file, or the images and the labels of an IDX pair');
    } else if (kinds[0] !== null) {
      throw new Error(`${unpacked[0].name}: is one file of an IDX pair, expected both: images and labels`);
    }
    return this.#withFiles(unpacked, ([path, labels]) => new Digits(
        this, this.call('digits_read', text(path), labels === undefined ? 0 : text(labels)).value));
  }

  /** The inputs for the handwritten digit in a picture; throws if there is none. */
  digitFromImage(gray, rows, cols) {
    const size = [whole('digitFromImage: rows', rows), whole('digitFromImage: cols', cols)];
    return new Float32Array(this.call('digit_from_image', new Argument(gray), gray.length, ...size).results[0]);
  }

  /** The number of handwritten digits in a picture; throws if there is none. */
  countDigits(gray, rows, cols) {
    const size = [whole('countDigits: rows', rows), whole('countDigits: cols', cols)];
    return this.call('count_digits', new Argument(gray), gray.length, ...size).value;
  }

  /**
   * The training of mnist_train: one step for each sample, in order.
   *
   * rotate: degrees of two rotated copies of each image; 0: no copies. shuffle: a random order in each epoch.
   * deformation: {degrees, scale, shear, shift, elasticSigma, elasticAlpha} replaces each image, anew in each
   * epoch.
   */
  createTraining(network, digits, {rotate = 0, seed = 1, shuffle = false, deformation = null} = {}) {
    const {degrees = 0, scale = 0, shear = 0, shift = 0, elasticSigma = 0, elasticAlpha = 0} = deformation ?? {};
    const ranges = deformation ? doubles([degrees, scale, shear, shift, elasticSigma, elasticAlpha]) : 0;
    return new Training(this, network,
                        this.call('training_create', digits.pointer, rotate,
                                  wholeSeed('createTraining: seed', seed), shuffle, ranges).value);
  }

  /**
   * One query and one training step of a network with one hidden layer, with every vector in between. loss and
   * newLoss: half the sum of the squared errors, before and after.
   */
  workedExample({inputs, targets, weights, learningRate, activation = 'sigmoid'}) {
    const nodes = weights[0].length / inputs.length;
    if (!Number.isInteger(nodes) || weights[1].length !== nodes * targets.length) {
      throw new Error(`workedExample: weights have ${weights[0].length} and ${weights[1].length} values, expected ` +
                      'hidden nodes x inputs and outputs x hidden nodes');
    }
    const {results} = this.call('worked_example', integers([inputs.length, nodes, targets.length]), 3,
                                doubles([...weights[0], ...weights[1]]), doubles(inputs), doubles(targets),
                                learningRate, text(activation));
    const [hiddenSums, hidden, outputSums, outputs, outputErrors, hiddenErrors, ...rest] =
        results.map((bytes) => new Float64Array(bytes));
    return {hiddenSums, hidden, outputSums, outputs, outputErrors, hiddenErrors, weightChanges: rest.slice(0, 2),
            newWeights: rest.slice(2, 4), newOutputs: rest[4], newOutputErrors: rest[5], loss: rest[6][0],
            newLoss: rest[6][1]};
  }

  /**
   * The speed of 784-200-10 on this device, in one thread: the best of five repetitions over the first `samples`
   * digits, or over random inputs like those of MNIST.
   */
  benchmark({samples = 1000, digits = null} = {}) {
    if (digits?.count === 0) throw new Error('benchmark: there are 0 digits, expected at least 1');
    const [best] = this.call('benchmark', digits?.pointer ?? 0,
                             whole('benchmark: samples', samples, 1)).results;
    const [mnist, dense, trainSamplesPerSecond] = new Float64Array(best);
    return {queryMicroseconds: {mnist, dense}, trainSamplesPerSecond};
  }

  /** Internal: calls a function of engine.cpp. Returns its value, and the arrays that it gives. */
  call(name, ...args) {
    const pointers = [];
    try {
      Object.assign(this.#module, {given: [], failure: null});
      const values = args.map((arg) => {
        if (!(arg instanceof Argument)) return arg;
        const bytes = new Uint8Array(arg.array.buffer, arg.array.byteOffset, arg.array.byteLength);
        const pointer = this.#module._malloc(Math.max(bytes.length, 1));
        if (pointer === 0) throw new Error('backquery: out of memory');
        pointers.push(pointer);
        this.#module.HEAPU8.set(bytes, pointer);
        return pointer;
      });
      const value = this.#module[`_${name}`](...values);
      const {failure, given} = this.#module;
      if (failure !== null) throw new Error(failure);
      return {value, results: given};
    } finally {
      pointers.forEach((pointer) => this.#module._free(pointer));
    }
  }

  /** Internal: a function that frees objects of the engine. */
  freeing(name) {
    const free = this.#module[`_${name}`];
    return (pointer) => free(pointer);
  }

  /** Calls use(paths) while the files exist in the engine's file system, which is in memory. */
  #withFiles(files, use) {
    const paths = [];
    try {
      for (const {name, bytes} of files) {
        const own = name.replace(/[\/\0]/g, '_');
        const path = paths.includes(own) || /^\.*$/.test(own) ? `${own}(${paths.length + 1})` : own;
        this.#files.writeFile(path, new Uint8Array(bytes));
        paths.push(path);
      }
      return use(paths);
    } finally {
      paths.forEach((path) => this.#files.unlink(path));
    }
  }
}

/** The number of dimensions of an IDX file of bytes; null for other files. */
function idxDimensions(bytes) {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 8 ? bytes[3] : null;
}

async function gunzip({name, bytes}) {
  const packed = new Uint8Array(bytes);
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return {name, bytes: packed};
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return {name, bytes: new Uint8Array(await new Response(stream).arrayBuffer())};
  } catch {
    throw new Error(`${name}: is damaged or cut short, expected a complete gzip file`);
  }
}

class Network extends Handle {
  #engine;

  constructor(engine, pointer) {
    super('network', pointer, engine.freeing('network_free'));
    this.#engine = engine;
    /** Nodes of each layer, inputs first. */
    this.layerSizes = Object.freeze([...new Int32Array(this.#give('network_layer_sizes'))]);
    /** Whether backquery is possible; false for relu. */
    this.hasInverse = Boolean(this.#call('network_has_inverse').value);
  }

  #call(name, ...args) { return this.#engine.call(name, this.pointer, ...args); }
  #give(name, ...args) { return this.#call(name, ...args).results[0]; }

  get learningRate() { return Number(this.#call('network_learning_rate').value.toPrecision(7)); }
  set learningRate(rate) { this.#call('network_set_learning_rate', rate); }

  /** The bytes of a model file, which `mnist_train --load` reads. */
  save() { return this.#engine.saveNetwork(this); }

  /** The outputs. */
  query(inputs) { return new Float32Array(this.#give('network_query', floats(inputs), inputs.length)); }

  /** The values of each layer, inputs first. */
  queryLayers(inputs) {
    return this.#call('network_query_layers', floats(inputs), inputs.length)
        .results.map((values) => new Float32Array(values));
  }

  /** The inputs that correspond to the targets, 0.01 to 0.99. */
  backquery(targets) {
    return new Float32Array(this.#give('network_backquery', floats(targets), targets.length));
  }

  /** The gradient of the loss with respect to the inputs. */
  inputGradients(inputs, targets) {
    return new Float32Array(this.#give('network_input_gradients', floats(inputs), inputs.length, floats(targets),
                                       targets.length));
  }

  /**
   * The inputs after some gradient steps from `start` towards the targets: examples/mnist/support/dream.hpp, which
   * describes the options.
   */
  dream(start, targets, {steps = 100, rate = 0.15, smoothness = 2, contrast = 0.2, ink = 0.11} = {}) {
    whole('dream: steps', steps);
    return new Float32Array(this.#give('network_dream', floats(start), start.length, floats(targets), targets.length,
                                       doubles([steps, rate, smoothness, contrast, ink])));
  }

  /** {rows, cols, values}: a row for each node of layer + 1, a column for each node of `layer`. */
  weights(layer) {
    const values = new Float32Array(this.#give('network_weights', whole('weights: layer', layer)));
    return {rows: this.layerSizes[layer + 1], cols: this.layerSizes[layer], values};
  }

  setWeights(layer, values) {
    whole('setWeights: layer', layer);
    const rows = this.layerSizes[layer + 1] ?? 0, cols = this.layerSizes[layer] ?? 0;
    if (rows > 0 && values.length !== rows * cols) {
      throw new Error(`setWeights: layer ${layer} has ${rows} x ${cols} weights, got ${values.length} values`);
    }
    const argument = floats(values);
    const broken = argument.array.findIndex((weight) => !Number.isFinite(weight));
    if (broken >= 0) {
      throw new Error(`setWeights: values[${broken}] is ${values[broken]}, expected a finite number of 32 bits`);
    }
    this.#call('network_set_weights', layer, argument, rows, cols);
  }

  /**
   * {accuracy, loss, confusion} over the first `limit` digits. confusion: a row for each digit, a column for
   * each prediction.
   */
  evaluate(digits, {limit = digits.count} = {}) {
    const {results: [scores, confusion]} = this.#call('network_evaluate', digits.pointer,
                                                              whole('evaluate: limit', limit));
    const [accuracy, loss] = new Float64Array(scores);
    return {accuracy, loss, confusion: new Int32Array(confusion)};
  }
}

/** Images and their labels. */
class Digits extends Handle {
  #engine;

  constructor(engine, pointer) {
    super('set of digits', pointer, engine.freeing('digits_free'));
    this.#engine = engine;
    const [sizes, labels, pixels] = engine.call('digits_content', pointer).results;
    [this.rows, this.cols, this.classes] = new Int32Array(sizes);
    this.labels = new Uint8Array(labels);
    this.count = this.labels.length;
    /** The images one after the other, each row by row; 0 for paper, 255 for ink. */
    this.pixels = new Uint8Array(pixels);
  }

  /** Two copies of parts: the second has every nth image, the first has the others. */
  split(every) {
    whole('split: every', every, 1);
    return [true, false].map((others) => new Digits(
        this.#engine, this.#engine.call('digits_part', this.pointer, every, others).value));
  }
}

class Training extends Handle {
  #engine;
  #network;

  constructor(engine, network, pointer) {
    super('training', pointer, engine.freeing('training_free'));
    this.#engine = engine;
    this.#network = network;
  }

  #call(name, ...args) { return this.#engine.call(name, this.pointer, ...args).value; }

  /** Trains on the next samples, one step for each. Epochs follow each other. Returns the number of samples. */
  run(samples) { return this.#call('training_run', this.#network.pointer, whole('run: samples', samples)); }

  /**
   * The sample that run(1) trains: {inputs, targets, label, copy}. copy: 0 for the image as it is, 1 and 2 for its
   * rotated copies.
   */
  next() {
    const {results: [inputs, targets, numbers]} = this.#engine.call('training_next', this.pointer, this.#network.pointer);
    const [label, copy] = new Int32Array(numbers);
    return {inputs: new Float32Array(inputs), targets: new Float32Array(targets), label, copy};
  }

  /** Completed epochs. */
  get epoch() { return this.#call('training_epoch'); }
  /** Samples of the current epoch that have been trained. */
  get position() { return this.#call('training_position'); }
  get samplesPerEpoch() { return this.#call('training_samples_per_epoch'); }
}
