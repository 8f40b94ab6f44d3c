// Learn: trains a fresh network in a worker, and shows how it learns.
import {createConfusionTable} from '../confusion_table.js';
import {button, element} from '../dom.js';
import {reasonOf} from '../messages.js';
import {bytesOf} from '../model_files.js';
import {createOneStep} from '../one_step.js';
import {assignFiles} from '../training_files.js';
import {createRuns} from '../training_runs.js';
import {createSettings} from '../training_settings.js';
import {createWeightPictures} from '../weight_pictures.js';

const sample = {
  training: 'mnist_train_1000.csv.gz',
  test: 'mnist_test_500.csv.gz'
};
const names = (files) => files.map(({name}) => name).join(', ');
const grouped = (count) => count.toLocaleString('en');
const isSame = (a, b) => ['learningRate', 'hidden', 'rotate', 'seed'].every((name) => a[name] === b[name]);

class LearnView {
  constructor(section, app) {
    this.app = app;
    this.run = 0;
    this.state = 'loading';  // then creating, untrained, running, paused or finished
    this.digits = null;      // what the worker read
    this.files = null;       // their names, or null: the bundled sample
    this.progress = null;
    this.problem = null;
    this.waiting = null;  // called when the network has been created
    this.settings = createSettings(() => this.update());
    this.runs = createRuns(app);
    this.pictures = createWeightPictures(app);
    this.confusion = createConfusionTable(app);
    this.oneStep = createOneStep(app);
    section.append(
        element('p', {class: 'lead', t: 'learn.lead'}),
        element(
            'div', {class: 'learn-columns'}, this.makeControls(), this.oneStep.element, this.makeCurves(),
            this.makeData()),
        element('div', {class: 'learn-columns pictures'}, this.makePictures(), this.makeConfusion()),
        element(
            'section', {class: 'card'},
            element(
                'div', {class: 'table-frame', tabindex: 0, role: 'region', label: 'learn.runs'},
                this.runs.table)));
    this.startWorker();
  }

  // ---- Elements ----

  makeControls() {
    this.primary = button('learn.start', () => this.startOrPause(), {class: 'primary', disabled: true});
    this.step = button('learn.step', () => this.trainOne(), {disabled: true});
    this.reset = button('learn.reset', () => this.create(), {disabled: true});
    this.take = button('learn.use', () => this.send('save'), {disabled: true});
    this.note = element('p', {class: 'hint note'});
    this.problemLine = element('p', {class: 'problem', role: 'alert'});
    return element(
        'section', {class: 'card learn-controls'}, element('h2', {t: 'learn.settings'}),
        this.settings.element, element('div', {class: 'buttons'}, this.primary, this.step, this.reset),
        this.note, this.problemLine);
  }

  makeData() {
    this.picker = element('input', {
      type: 'file',
      multiple: true,
      hidden: true,
      tabindex: -1,
      label: 'learn.choose',
      change: () => this.openChosen()
    });
    this.data = element('p', {class: 'data'});
    this.bundled = button('learn.bundled', () => this.readSample(), {hidden: true});
    return element(
        'section', {class: 'card learn-data'}, element('h2', {t: 'learn.data'}), this.data,
        element(
            'div', {class: 'buttons'}, button('learn.choose', () => this.picker.click()), this.bundled,
            this.picker),
        element('p', {class: 'hint', t: 'learn.data.hint'}));
  }

  makeCurves() {
    const figure = (name) => {
      this[name] = element('strong', {class: 'stat-value'}, '\u2013');
      return element('div', {class: 'stat'}, element('span', {t: `learn.reading.${name}`}), this[name]);
    };
    return element(
        'section', {class: 'card curves'},
        element('div', {class: 'stats'}, figure('epochs'), figure('accuracy'), figure('speed')),
        element('h3', {t: 'learn.curve.accuracy'}), this.runs.frames.accuracy,
        element('h3', {t: 'learn.curve.loss'}), this.runs.frames.loss,
        element('p', {class: 'axis', t: 'learn.curve.epochs'}), element('div', {class: 'buttons'}, this.take),
        this.unfit = element('p', {class: 'hint', hidden: true}));
  }

  makePictures() {
    return element(
        'section', {class: 'card'}, element('h2', {t: 'learn.weights'}),
        element('p', {t: 'learn.weights.text'}), this.pictures.element);
  }

  makeConfusion() {
    return element(
        'section', {class: 'card'}, element('h2', {t: 'learn.confusion'}),
        element('p', {t: 'learn.confusion.text'}),
        element(
            'div', {class: 'table-frame', tabindex: 0, role: 'region', label: 'learn.confusion'},
            this.confusion.element));
  }

  // ---- Worker ----

  startWorker() {
    this.worker = new Worker(new URL('../training_worker.js', import.meta.url), {type: 'module'});
    this.worker.addEventListener('message', ({data}) => this.receive(data));
    this.worker.addEventListener('error', (event) => this.fail(event.message ?? 'training_worker.js'));
    this.readSample();
  }

  send(type, content = {}, transfer = []) {
    this.worker.postMessage({type, run: this.run, ...content}, transfer);
  }

  receive(message) {
    if (message.run !== undefined && message.run !== this.run) return;  // of an earlier network
    this.handlers[message.type].call(this, message);
  }

  handlers = {
    ready() {},
    digits({training, test, heldOut, described}) {
      this.digits = {training, test, heldOut};
      this.files = described;
      this.problem = null;
      this.runs.clear();
      this.create();
      if (this.files) this.app.announce(this.data.textContent);
    },
    progress(message) {
      const restart = this.state === 'creating';
      this.progress = {...this.progress, ...message};
      this.runs.addPoint(message);
      if (message.weights) this.showWeights(message.weights, restart);
      if (message.confusion) this.confusion.show(message.confusion, this.digits.training.classes);
      if (message.complete && this.state === 'running') this.announceEpoch();
      if (restart) {
        this.state = 'untrained';
        this.waiting?.();
        this.waiting = null;
      }
      this.update();
    },
    step(message) {
      if (this.state === 'untrained') this.state = 'paused';
      this.app.announce(this.oneStep.show(message));
    },
    stopped({finished}) {
      this.state = finished ? 'finished' : 'paused';
      this.update();
    },
    model({bytes}) {
      this.app.setNetwork(this.app.engine.loadNetwork(bytes));
      this.app.notify(this.app.t('learn.used'));
    },
    error({during, message}) { this.fail(message, during); },
  };

  fail(message, during = 'load') {
    this.problem = {message, during};
    if (during !== 'read' && during !== 'load') {
      this.state = 'broken';
      this.waiting = null;
    }
    this.update();
  }

  // ---- Data ----

  /** Files that are dropped before the sample has been fetched wait for it: the last choice is used. */
  readSample() {
    this.sampleRead = this.fetchSample();
  }

  async fetchSample() {
    try {
      const [training, test] = await Promise.all(
          [sample.training, sample.test].map(async (name) => ({name, bytes: await this.app.file(name)})));
      this.read({training: [training], test: [test]}, null);
    } catch (error) {
      this.fail(error.message);
    }
  }

  read(files, described) { this.worker.postMessage({type: 'read', ...files, described}); }

  async openChosen() {
    try {
      const files = await Promise.all(
          Array.from(this.picker.files, async (file) => ({name: file.name, bytes: await bytesOf(file)})));
      if (files.length > 0) this.openFiles(files);
    } catch (error) {
      this.fail(error.message, 'read');
    }
    this.picker.value = '';  // the same files can be chosen again
  }

  async openFiles(files) {
    await this.sampleRead;
    const {training, test} = assignFiles(files.map(({name, bytes}) => ({name, bytes})));
    this.read({training, test}, {training: names(training), test: names(test)});
  }

  // ---- Training ----

  /** A new network with the settings. */
  create(waiting = null) {
    ++this.run;
    this.state = 'creating';
    this.waiting = waiting;
    this.problem = null;
    this.progress = null;
    this.oneStep.show(null);
    const settings = this.settings.values;
    this.runs.add(settings);
    this.send('create', {settings});
    this.update();
  }

  get isChanged() { return this.runs.settings !== null && !isSame(this.runs.settings, this.settings.values); }

  /** Whether the primary button continues the training of this network. */
  get canContinue() {
    return !this.isChanged && this.state !== 'broken' &&
        (this.progress?.epochs ?? 0) < this.settings.values.epochs;
  }

  startOrPause() {
    if (this.state === 'running')
      this.send('pause');
    else if (this.state === 'creating')
      this.waiting = () => this.startOrPause();
    else if (this.canContinue)
      this.train();
    else
      this.create(() => this.train());
  }

  train() {
    const {epochs, slow} = this.settings.values;
    this.runs.epochs = epochs;
    this.state = 'running';
    this.problem = null;
    this.oneStep.show(null);
    this.send('run', {epochs, slow});
    this.update();
  }

  trainOne() {
    const step = () => this.send('step');
    if (this.state === 'creating')
      this.waiting = () => this.trainOne();
    else if (this.isChanged || this.state === 'broken')
      this.create(step);
    else
      step();
  }

  // ---- What is shown ----

  showWeights(weights, restart) {
    const {rows, cols} = this.digits.training;
    this.pictures.show(weights, {rows, cols, hidden: this.runs.settings.hidden, restart});
  }

  percent(value) { return this.app.t('learn.percent', {value: (100 * value).toFixed(1)}); }

  announceEpoch() {
    const {epochs, accuracy} = this.progress;
    this.app.announce(
        this.app.t('learn.announce', {epoch: Math.round(epochs), accuracy: this.percent(accuracy)}));
  }

  update() {
    const {t} = this.app;
    const {state} = this;
    // Buttons stay enabled while a network is made, so that they keep the focus.
    const idle = state !== 'loading' && state !== 'running';
    const trained = (this.progress?.samples ?? 0) > 0;
    const primary = state === 'running' ? 'learn.pause' :
        this.canContinue && trained     ? 'learn.continue' :
                                          'learn.start';
    this.primary.dataset.t = primary;
    this.primary.textContent = t(primary);
    this.primary.disabled = state === 'loading';
    this.step.disabled = !idle;
    this.reset.disabled = !idle;
    const {rows, cols, classes} = this.digits?.training ?? {};
    const fits = rows * cols === 784 && classes === 10;
    this.take.disabled =
        !idle || !trained || !fits || state === 'creating' || state === 'broken' || !this.app.engine;
    this.unfit.hidden = !this.digits || fits;
    this.unfit.textContent = t('learn.unfit');
    this.describeState();
    this.describeProblem();
    this.describeData();
    this.describeProgress();
  }

  /** One sentence below the buttons. */
  describeState() {
    const {t} = this.app;
    const {state, progress} = this;
    const isGuess = () => progress.accuracy < 1.6 / this.digits.training.classes;
    const isStuck = ['finished', 'paused'].includes(state) && progress.epochs >= 1 && isGuess();
    const key = this.isChanged && state !== 'creating' ? 'changed' : isStuck ? 'stuck' : state;
    this.note.textContent = t(`learn.note.${key}`, {epochs: this.settings.values.epochs});
  }

  describeProblem() {
    const {problem} = this;
    const kind = {read: 'read', load: 'load'}[problem?.during] ?? 'training';
    this.problemLine.textContent =
        problem ? this.app.t(`learn.problem.${kind}`, {reason: reasonOf(problem)}) : '';
  }

  describeData() {
    const {t} = this.app;
    this.bundled.hidden = this.files === null;
    if (!this.digits) {
      this.data.textContent = t('learn.data.loading');
      return;
    }
    const {training, test, heldOut} = this.digits;
    const kind = this.files === null ? 'sample' : heldOut ? 'heldOut' : 'files';
    this.data.textContent = t(`learn.data.${kind}`, {
      training: grouped(training.count),
      test: grouped(test.count),
      file: this.files?.training,
      testFile: this.files?.test,
    });
  }

  describeProgress() {
    const {progress} = this;
    const epochs = this.runs.settings?.epochs ?? this.settings.values.epochs;
    this.epochs.textContent =
        progress ? this.app.t('learn.reading.of', {epoch: progress.epochs.toFixed(1), epochs}) : '\u2013';
    this.accuracy.textContent = progress ? this.percent(progress.accuracy) : '\u2013';
    this.speed.textContent = progress?.speed ? grouped(Math.round(progress.speed)) : '\u2013';
  }

  draw() {
    this.runs.draw();
    this.pictures.draw();
    this.confusion.draw();
    this.oneStep.draw();
    this.update();
  }
}

export function createView(section, app) {
  const view = new LearnView(section, app);
  return {
    show: () => view.draw(),
    hide() {},
    networkChanged: () => view.update(),
    translate: () => view.draw(),
    openFiles: (files) => view.openFiles(files),
  };
}
