// Trains a network in a worker, so that the page stays responsive. The worker has an engine of its own.
//
// Messages to the worker, and its replies:
//   read {training, test, described}
//                           files, [{name, bytes}] each; without test files every sixth image is held out
//                           -> digits {training, test: {count, rows, cols, classes}, heldOut, described}
//   create {settings}       a new network: {learningRate, hidden, rotate, seed}
//                           -> progress, with the results of the untrained network
//   run {epochs, slow}      trains up to this number of epochs -> progress ... stopped {finished}
//   pause                   -> stopped
//   step                    trains one sample -> step {...}, progress
//   save                    -> model {bytes}
// Messages after create, and their replies, have the property run: the number that create got. The reply
// after an error is error {during, message}.
import {loadEngine} from './backquery.js';

const heldOutEvery = 6;
const shownUnits = 100;
const pointsPerEpoch = 20;
const evaluatedImages = 1000;  // for a point of the curve; at the end of an epoch, all images are evaluated
const imagesPerCall = 64;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const loading = loadEngine();
let digits = null;
let session = null;

function describe({count, rows, cols, classes}) { return {count, rows, cols, classes}; }

async function read({training, test, described}) {
  const engine = await loading;
  const all = await engine.readDigits(training);
  const next = {heldOut: test.length === 0};
  if (next.heldOut && all.count < heldOutEvery) {
    throw new Error(`${training[0].name}: has ${all.count} images, expected at least ${
        heldOutEvery}, of which one is held out for the test`);
  }
  [next.training, next.test] = next.heldOut ? all.split(heldOutEvery) : [all, await engine.readDigits(test)];
  if (next.heldOut) all.close();
  const [a, b] = [next.training, next.test];
  if (a.rows !== b.rows || a.cols !== b.cols) {
    throw new Error(`${test[0].name}: has images of ${b.rows} x ${b.cols} pixels, expected ${a.rows} x ${
        a.cols}, as in ${training[0].name}`);
  }
  session?.close();
  session = null;
  digits?.training.close();
  digits?.test.close();
  digits = next;
  postMessage({type: 'digits', training: describe(a), test: describe(b), heldOut: next.heldOut, described});
}

/** One network and its training. */
class Session {
  constructor(engine, run, {learningRate, hidden, rotate, seed}) {
    const {rows, cols, classes} = digits.training;
    this.run = run;
    this.network = engine.createNetwork({layerSizes: [rows * cols, hidden, classes], learningRate, seed});
    this.training = engine.createTraining(this.network, digits.training, {rotate, seed});
    this.samplesPerImage = this.training.samplesPerEpoch / digits.training.count;
    this.running = false;
    this.seconds = 0;  // of training, without evaluation
    this.timed = 0;    // samples trained in this time
    this.lastPictures = 0;
  }

  close() {
    this.running = false;
    this.training.close();
    this.network.close();
  }

  get samples() { return this.training.epoch * this.training.samplesPerEpoch + this.training.position; }

  train(samples) {
    const start = performance.now();
    this.training.run(samples);
    this.seconds += (performance.now() - start) / 1000;
    this.timed += samples;
  }

  /**
   * Trains on the images up to the next point of the curve, for about 50 ms. The calls of the engine end at
   * the same images as the blocks of mnist_train, so that both train the same network.
   */
  trainBlock() {
    const {samplesPerEpoch} = this.training;
    const perCall = imagesPerCall * this.samplesPerImage;
    const perPoint = Math.max(perCall, Math.floor(samplesPerEpoch / pointsPerEpoch));
    const start = performance.now();
    let trained = 0;
    do {
      const {position} = this.training;
      const samples = Math.min(perCall - position % perCall, samplesPerEpoch - position);
      this.train(samples);
      trained += samples;
    } while (trained < perPoint && this.training.position !== 0 && performance.now() - start < 50);
    return trained;
  }

  /** @param complete  whether to evaluate all test images and to send pictures */
  progress(complete) {
    const limit = complete ? digits.test.count : Math.min(digits.test.count, evaluatedImages);
    const {accuracy, loss, confusion} = this.network.evaluate(digits.test, {limit});
    const message = {
      type: 'progress',
      run: this.run,
      epochs: this.samples / this.training.samplesPerEpoch,
      accuracy,
      loss,
      complete,
      samples: this.samples,
      speed: this.seconds > 0 && !this.slow ? this.timed / this.seconds : null,
    };
    if (complete) message.confusion = confusion;
    const now = performance.now();
    if (complete || now - this.lastPictures > 200) {
      this.lastPictures = now;
      const {rows, cols, values} = this.network.weights(0);
      message.weights = values.slice(0, Math.min(rows, shownUnits) * cols);
    }
    postMessage(message, message.weights ? [message.weights.buffer] : []);
  }

  /** The largest changes of the weights into one hidden node. */
  largestChange(before, after) {
    const {cols, values} = after;
    let [largest, weight] = [0, 0];
    values.forEach((value, i) => {
      const change = Math.abs(value - before.values[i]);
      if (change > largest) [largest, weight] = [change, i];
    });
    const unit = Math.floor(weight / cols);
    const from = unit * cols;
    return {
      unit,
      largest,
      values: values.slice(from, from + cols).map((value, i) => value - before.values[from + i])
    };
  }

  step() {
    const {inputs, targets, label, copy} = this.training.next();
    const before = {outputs: this.network.query(inputs), weights: this.network.weights(0)};
    this.training.run(1);
    const outputs = this.network.query(inputs);
    const change = this.largestChange(before.weights, this.network.weights(0));
    const {rows, cols} = digits.training;
    postMessage({
      type: 'step',
      run: this.run,
      label,
      copy,
      inputs,
      targets,
      rows,
      cols,
      samples: this.samples,
      before: before.outputs,
      after: outputs,
      change
    });
    this.progress(this.training.position === 0);
  }

  async start({epochs, slow}) {
    this.running = true;
    this.slow = slow;
    while (this.running && this.training.epoch < epochs) {
      const trained = this.trainBlock();
      this.progress(this.training.position === 0);
      await pause(slow ? Math.min(1000, 4 * trained) : 0);
    }
    if (session !== this) return;
    this.running = false;
    if (this.training.position !== 0) this.progress(true);
    postMessage({type: 'stopped', run: this.run, finished: this.training.epoch >= epochs});
  }
}

const actions = {
  read,
  async create({run, settings}) {
    const engine = await loading;
    if (!digits) throw new Error('no digits to train on');
    session?.close();
    session = null;
    session = new Session(engine, run, settings);
    session.progress(true);
  },
  run: (message) => session.start(message),
  pause() { session.running = false; },
  step: () => session.step(),
  save() {
    const bytes = session.network.save();
    postMessage({type: 'model', run: session.run, bytes}, [bytes.buffer]);
  },
};

// Messages are handled in order. A run continues while later messages arrive.
let queue = Promise.resolve();
addEventListener('message', ({data}) => {
  queue = queue.then(async () => {
    const {type, run} = data;
    if (type !== 'read' && type !== 'create' && run !== session?.run) return;
    const fail = (error) => {
      if (session && type !== 'read') session.running = false;
      postMessage({type: 'error', during: type, run, message: error.message});
    };
    try {
      const result = actions[type](data);
      if (type === 'run')
        result.catch(fail);
      else
        await result;
    } catch (error) {
      fail(error);
    }
  });
});

loading.then(
    () => postMessage({type: 'ready'}),
    (error) => postMessage({type: 'error', during: 'load', message: error.message}));
