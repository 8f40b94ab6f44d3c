// Gradient steps on the pixels, in the view Dream.
import {Animation, calm} from './animation.js';
import {createBars, largest} from './bars.js';
import {button, element} from './dom.js';
import {createImage, paintImage} from './image.js';
import {reasonOf} from './messages.js';
import {digits, targetsFor} from './targets.js';

const dreamSteps = 150;  // of a complete dream
const stepsInFrame = 2;

/** A drawing that becomes another digit. */
export class Dreaming {
  constructor(app) {
    this.app = app;
    this.target = 7;
    this.start = new Float32Array(784).fill(0.01);
    this.images = {
      before: createImage('dream.before'),
      now: createImage('dream.now'),
      change: createImage('dream.change')
    };
    this.bars = createBars();
    this.buttons = digits.map(
        (digit) => element(
            'button', {
              type: 'button',
              click: () => this.#choose(digit),
            },
            String(digit)));
    this.run = button('dream.run', () => this.#toggle(), {class: 'primary'});
    this.back = button('dream.reset', () => this.reset(), {class: 'quiet'});
    this.progress = element('p', {class: 'caption'});
    this.source = element('p', {class: 'why'});
    this.animation = new Animation(() => this.#step(stepsInFrame), () => this.#stopped());
    this.element = element(
        'div', {class: 'card dreaming'},
        element(
            'div', {class: 'dreaming-text'}, element('h2', {t: 'dream.like.title'}), this.source,
            element('div', {class: 'digits', role: 'group', label: 'dream.target'}, ...this.buttons),
            element('div', {class: 'actions'}, this.run, this.back, this.progress)),
        element(
            'div', {class: 'triptych'},
            ...['before', 'now', 'change'].map(
                (name) =>
                    element('figure', {}, this.images[name], element('figcaption', {t: `dream.${name}`})))),
        this.bars.element);
  }

  #choose(digit) {
    this.target = digit;
    this.#showTarget();
    this.steps = 0;
    if (!this.animation.running) this.#toggle();
  }

  #toggle() {
    if (this.animation.running) {
      this.animation.stop();
    } else if (this.app.network) {
      if (this.steps >= dreamSteps) this.reset();
      if (calm.matches) {
        this.#step(dreamSteps - this.steps);
        this.#stopped();
      } else {
        this.animation.start();
        this.#showRun();
      }
    }
  }

  /** Takes gradient steps. Returns whether more are useful. */
  #step(count) {
    try {
      this.current = this.app.network.dream(this.current, targetsFor(this.target), {steps: count});
    } catch (error) {
      this.app.notify(reasonOf(error), {error: true});
      return false;
    }
    this.steps += count;
    this.paint();
    return this.steps < dreamSteps;
  }

  #stopped() {
    this.#showRun();
    this.app.announce(this.app.t(
        'dream.like.reading', {digit: largest(this.outputs), value: Math.max(...this.outputs).toFixed(2)}));
  }

  /** Starts again with the drawing. */
  reset() {
    this.animation.stop();
    this.start = this.app.drawing ?? new Float32Array(784).fill(0.01);
    this.current = this.start;
    this.steps = 0;
    this.paint();
  }

  paint() {
    if (!this.app.network) return;
    paintImage(this.images.before, this.start);
    paintImage(this.images.now, this.current);
    paintImage(
        this.images.change, this.current.map((value, i) => value - this.start[i]),
        {low: -1, high: 1, palette: 'signed'});
    this.outputs = this.app.network.query(this.current);
    this.bars.update(this.outputs);
    this.progress.textContent = this.app.t('dream.steps', {steps: this.steps});
  }

  #showRun() {
    this.run.textContent =
        this.app.t(this.animation.running ? 'dream.pause' : 'dream.run', {digit: this.target});
  }

  #showTarget() {
    this.buttons.forEach((digitButton, digit) => {
      digitButton.setAttribute('aria-pressed', String(digit === this.target));
      digitButton.setAttribute('aria-label', this.app.t('dream.choose', {digit}));
    });
    this.#showRun();
  }

  translate() {
    this.source.textContent = this.app.t(this.app.drawing ? 'dream.like.text' : 'dream.like.blank');
    this.#showTarget();
    this.progress.textContent = this.app.t('dream.steps', {steps: this.steps ?? 0});
  }
}
