// Look inside: one query and one training step of the book's 3-3-3 network, with numbers that can be changed.
// The library computes all numbers (engine.workedExample).
import {createChart} from '../charts.js';
import {button, element} from '../dom.js';
import {fixed, short, symbol} from '../formulas.js';
import {reasonOf} from '../messages.js';
import {createDiagram, nodeTexts} from '../network_diagram.js';
import {createNumberFields} from '../number_fields.js';
import {steps} from '../worked_steps.js';

const book = {
  inputs: [0.9, 0.1, 0.8],
  targets: [0.01, 0.99, 0.01],
  weights: [[0.9, 0.3, 0.4, 0.2, 0.8, 0.2, 0.1, 0.5, 0.6], [0.3, 0.7, 0.5, 0.6, 0.5, 0.2, 0.8, 0.1, 0.9]],
  learningRate: 0.1,
};

/** The numbers, and what the library computes from them. */
class Example {
  constructor(engine, numbers) {
    Object.assign(this, structuredClone(numbers));
    this.result = engine.workedExample({...this.numbers, activation: 'sigmoid'});
  }

  get numbers() {
    const {inputs, targets, weights, learningRate} = this;
    return {inputs, targets, weights, learningRate};
  }
}

/** The buttons Back and Next, and a button for each step. */
function createStepper(go) {
  const back = button('inside.back', () => go(-1, true));
  const next = button('inside.next', () => go(1, true), {class: 'primary'});
  const numbers = steps.map((_, i) => element('button', {type: 'button', click: () => go(i)}, String(i + 1)));
  const list = element(
      'ol', {class: 'step-numbers', label: 'inside.steps'}, ...numbers.map((one) => element('li', {}, one)));
  return {
    element: element('div', {class: 'stepper'}, back, list, next),
    show(current, titles) {
      back.disabled = current === 0;
      next.disabled = current === steps.length - 1;
      numbers.forEach((one, i) => {
        one.setAttribute('aria-label', `${i + 1}: ${titles[i]}`);
        one.classList.toggle('past', i < current);
        if (i === current)
          one.setAttribute('aria-current', 'step');
        else
          one.removeAttribute('aria-current');
      });
    },
  };
}

class InsideView {
  constructor(section, app) {
    this.app = app;
    this.example = null;
    this.step = 0;
    this.focus = null;
    this.losses = [];
    this.makeFields();
    section.append(
        element('p', {class: 'lead', t: 'inside.lead'}),
        element('div', {class: 'inside-columns'}, this.makePicture(), this.makeExplanation()),
        element('div', {class: 'inside-columns'}, this.makeNumbers(), this.makeTraining()));
    this.diagram = createDiagram(this.picture, (node) => this.setFocus(node));
    this.chart = createChart(this.curve, {height: 150, formatY: (value) => short(value, 3)});
  }

  makeFields() {
    const {t} = this.app;
    const fields = (key, columns, values, name, options = {}) =>
        createNumberFields({columns, values, name, ...options, change: () => this.change(key !== 'rate')});
    const weight = (key) => (i) => t(key, {from: i % 3 + 1, to: Math.floor(i / 3) + 1});
    this.fields = {
      inputs: fields('inputs', 1, book.inputs, (i) => t('inside.field.input', {node: i + 1})),
      targets: fields('targets', 1, book.targets, (i) => t('inside.field.target', {node: i + 1})),
      hidden: fields('hidden', 3, book.weights[0], weight('inside.field.hidden')),
      output: fields('output', 3, book.weights[1], weight('inside.field.output')),
      rate: fields('rate', 1, [book.learningRate], () => t('inside.field.rate')),
    };
  }

  makePicture() {
    this.picture = element('div', {class: 'diagram-frame'});
    return element(
        'div', {class: 'card'}, this.picture,
        element(
            'p', {class: 'legend'}, element('span', {class: 'positive', t: 'inside.legend.positive'}),
            element('span', {class: 'negative', t: 'inside.legend.negative'}),
            element('span', {class: 'error', t: 'inside.legend.error'})));
  }

  makeExplanation() {
    this.stepper = createStepper((target, relative) => this.go(relative ? this.step + target : target));
    this.title = element('h2', {});
    this.text = element('p', {});
    this.equations =
        element('div', {class: 'equations', tabindex: 0, role: 'group', label: 'inside.equations'});
    this.lines = element('ol', {class: 'lines', tabindex: 0, label: 'inside.lines'});
    return element(
        'div', {class: 'card explanation'}, this.stepper.element,
        element('div', {'aria-live': 'polite'}, this.title, this.text), this.equations, this.lines);
  }

  makeNumbers() {
    const group = (name, key, fields) => element(
        'div', {class: 'number-group', role: 'group', label: key},
        element('span', {class: 'group-name'}, symbol(...name), ' ', element('span', {t: key})),
        fields.element);
    this.problem = element('p', {class: 'problem', role: 'alert'});
    const {inputs, targets, hidden, output, rate} = this.fields;
    return element(
        'div', {class: 'card'}, element('h2', {t: 'inside.numbers'}),
        element('p', {t: 'inside.numbers.text'}),
        element(
            'div', {class: 'number-groups'}, group(['I'], 'inside.group.inputs', inputs),
            group(['W', 'ih'], 'inside.group.hidden', hidden),
            group(['W', 'ho'], 'inside.group.output', output), group(['T'], 'inside.group.targets', targets),
            group(['L'], 'inside.group.rate', rate)),
        this.problem, button('inside.reset', () => this.reset()));
  }

  makeTraining() {
    this.curve = element('div', {class: 'curve'});
    this.trained = element('p', {class: 'trained', role: 'status'});
    const train = (count) => button(`inside.train.${count}`, () => this.train(count));
    return element(
        'div', {class: 'card'}, element('h2', {t: 'inside.train'}), element('p', {t: 'inside.train.text'}),
        element('div', {class: 'buttons'}, train(1), train(10), train(100)), this.trained, this.curve,
        element('p', {class: 'axis', t: 'inside.trainings'}));
  }

  // ---- Numbers ----

  use(example, {restart = true} = {}) {
    this.example = example;
    if (restart) this.losses = [example.result.loss];
    this.problem.textContent = '';
    this.update();
  }

  /** Computes with the numbers in the fields. */
  change(restart) {
    if (!this.example) return;
    const {inputs, targets, hidden, output, rate} = this.fields;
    this.attempt(
        () => this.use(
            new Example(this.app.engine, {
              inputs: inputs.values,
              targets: targets.values,
              weights: [hidden.values, output.values],
              learningRate: rate.values[0],
            }),
            {restart}));
  }

  /** Shows the message of an error of the library. */
  attempt(action) {
    try {
      action();
    } catch (error) {
      this.problem.textContent = this.app.t('inside.problem', {reason: reasonOf(error)});
    }
  }

  showNumbers() {
    const {inputs, targets, weights, learningRate} = this.example;
    this.fields.inputs.set(inputs);
    this.fields.targets.set(targets);
    this.fields.hidden.set(weights[0]);
    this.fields.output.set(weights[1]);
    this.fields.rate.set([learningRate]);
  }

  reset() {
    if (!this.app.engine) return;
    this.use(new Example(this.app.engine, book));
    this.showNumbers();
  }

  train(count) {
    if (!this.example) return;
    this.attempt(() => {
      let {example} = this;
      const losses = [];
      for (let i = 0; i < count; ++i) {
        example = new Example(this.app.engine, {...example.numbers, weights: example.result.newWeights});
        losses.push(example.result.loss);
      }
      this.losses.push(...losses);
      this.use(example, {restart: false});
      this.showNumbers();
    });
  }

  // ---- Steps ----

  go(step) {
    this.step = Math.max(0, Math.min(steps.length - 1, step));
    this.focus = null;
    this.update();
  }

  setFocus(node) {
    this.focus = this.focus === node ? null : node;
    this.update();
  }

  update() {
    const {t} = this.app;
    this.stepper.show(this.step, steps.map(({key}) => t(`inside.${key}.title`)));
    const step = steps[this.step];
    const {loss, newLoss} = this.example?.result ?? {loss: 0, newLoss: 0};
    this.title.textContent = t(`inside.${step.key}.title`);
    this.text.textContent = t(`inside.${step.key}.text`, {before: fixed(loss, 4), after: fixed(newLoss, 4)});
    if (!this.example) return;
    this.showFormulas(step.make(this.example));
    this.showDiagram(step);
    this.showCurve();
  }

  showFormulas({equations, lines}) {
    this.equations.replaceChildren(...equations(this.focus));
    this.lines.hidden = lines.length === 0;
    this.lines.replaceChildren(...lines.map(
        (line, node) => element(
            'li', {},
            element(
                'button', {
                  type: 'button',
                  'aria-pressed': String(this.focus === node),
                  click: () => this.setFocus(node),
                },
                line))));
  }

  showDiagram(step) {
    const reached = (key) => steps.findIndex((one) => one.key === key) <= this.step;
    const {example, focus} = this;
    const weights = reached('newWeights') ? example.result.newWeights : example.weights;
    const changes = /Changes$/.test(step.key) ? example.result.weightChanges : null;
    this.diagram.show(
        {weights, changes, step, focus, values: nodeTexts(example, reached)},
        this.app.t('inside.diagram', {step: this.app.t(`inside.${step.key}.title`)}));
  }

  showCurve() {
    const {t} = this.app;
    const count = this.losses.length - 1;
    const [first, last] = [this.losses[0], this.losses[count]];
    this.trained.textContent = count === 0 ?
        t('inside.trained.none', {loss: fixed(first, 4)}) :
        t('inside.trained', {count, loss: fixed(last, 4), first: fixed(first, 4)});
    const points = this.losses.map((loss, i) => [i, loss]);
    this.chart.show(
        [{points, marks: [points[count]], className: 'current'}],
        {x: [0, Math.max(10, count)], y: [0, Math.max(...this.losses) * 1.1 || 1]}, this.trained.textContent);
  }

  // ---- The page ----

  networkChanged() {
    if (!this.example) this.reset();
  }

  translate() {
    for (const fields of Object.values(this.fields)) fields.translate();
    this.update();
  }

  show() { this.update(); }
}

export function createView(section, app) {
  const view = new InsideView(section, app);
  return {
    show: () => view.show(),
    hide() {},
    networkChanged: () => view.networkChanged(),
    translate: () => view.translate(),
  };
}
