// Dream: images from the network. Backquery for any mixture of digits, a morph, and a drawing that becomes
// another digit by gradient steps.
import {createBars, largest} from '../bars.js';
import {button, element} from '../dom.js';
import {paintImage} from '../image.js';

const off = 0.01, on = 0.99;
const digits = Array.from({length: 10}, (_, digit) => digit);
const stages = 9;                // images of the strip
const morphSeconds = 3;
const dreamSteps = 150;          // of a complete dream
const stepsInFrame = 2;

const calm = matchMedia('(prefers-reduced-motion: reduce)');

const targetsFor = (digit) => Float32Array.from(digits, (other) => (other === digit ? on : off));

/** Targets from one digit (share 0) to another (share 1), in equal steps of the output nodes' sums. */
function mixture(from, to, share) {
  const limit = Math.log(on / off);
  const sigmoid = (sum) => 1 / (1 + Math.exp(-sum));
  const targets = new Float32Array(10).fill(off);
  if (from === to) return targetsFor(from);
  targets[from] = sigmoid(limit * (1 - 2 * share));
  targets[to] = sigmoid(limit * (2 * share - 1));
  return targets;
}

/** Calls step(seconds since the last call) in each frame until it returns false. */
class Animation {
  #frame = 0;

  constructor(step, stopped) {
    this.step = step;
    this.stopped = stopped;
  }

  get running() {
    return this.#frame !== 0;
  }

  start() {
    let before = performance.now();
    const tick = (now) => {
      const more = this.step((now - before) / 1000);
      before = now;
      if (more) this.#frame = requestAnimationFrame(tick);
      else this.stop();
    };
    this.#frame ||= requestAnimationFrame(tick);
  }

  stop() {
    if (!this.running) return;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.stopped();
  }
}

function image(label, className = 'pixels') {
  return element('canvas', {class: className, width: 28, height: 28, role: 'img', ...(label ? {label} : {'aria-hidden': 'true'})});
}

function choice(label, selected, change) {
  return element('select', {label, change},
      ...digits.map((digit) => element('option', {value: digit, selected: digit === selected}, String(digit))));
}

/** Backquery: ten sliders, the image, and the morph between two digits. */
class Portrait {
  constructor(app) {
    this.app = app;
    this.targets = targetsFor(3);
    this.share = 0;
    this.direction = 1;
    this.image = image('dream.portrait.image');
    this.reading = element('p', {class: 'caption'});
    this.explanation = element('p', {class: 'why'});
    this.sliders = digits.map((digit) => this.#slider(digit));
    this.from = choice('dream.from', 3, () => this.#morphTo(0));
    this.to = choice('dream.to', 8, () => this.#morphTo(0));
    this.play = button('dream.play', () => this.#toggle(), {class: 'primary'});
    this.position = element('input', {
      type: 'range', min: 0, max: 1, step: 0.005, value: 0, label: 'dream.position', class: 'position',
      input: () => this.#morphTo(Number(this.position.value)),
    });
    this.strip = Array.from({length: stages}, () => image());
    this.animation = new Animation((seconds) => this.#advance(seconds), () => this.#showPlay());
    this.controls = element('fieldset', {class: 'controls'},
        element('legend', {class: 'for-screen-readers', t: 'dream.portrait.controls'}),
        element('div', {class: 'mixer', role: 'group', label: 'dream.mixer'}, ...this.sliders.map(({item}) => item)),
        this.#morph());
    this.element = element('div', {class: 'card portrait'},
        element('h2', {t: 'dream.portrait.title'}), this.explanation,
        element('div', {class: 'portrait-image'}, this.image, this.reading), this.controls);
  }

  #slider(digit) {
    const input = element('input', {
      type: 'range', min: off, max: on, step: 0.01, value: this.targets[digit], class: 'upright',
      input: () => this.#mix(digit, Number(input.value)),
    });
    const value = element('span', {class: 'value', 'aria-hidden': 'true'});
    const only = element('button', {type: 'button', click: () => this.#only(digit)}, String(digit));
    return {input, value, only, item: element('div', {class: 'channel'}, value, input, only)};
  }

  #morph() {
    return element('div', {class: 'morph'},
        element('div', {class: 'morph-head'},
            element('h3', {t: 'dream.morph'}), this.from, element('span', {'aria-hidden': 'true'}, '\u2192'), this.to,
            this.play),
        element('div', {class: 'strip', 'aria-hidden': 'true'}, ...this.strip), this.position);
  }

  #mix(digit, value) {
    this.animation.stop();
    this.targets[digit] = value;
    this.update();
  }

  #only(digit) {
    this.animation.stop();
    this.targets = targetsFor(digit);
    this.update();
    this.app.announce(this.reading.textContent);
  }

  #morphTo(share) {
    this.animation.stop();
    this.#setShare(share);
  }

  #setShare(share) {
    this.share = share;
    this.position.value = share;
    this.targets = mixture(Number(this.from.value), Number(this.to.value), share);
    this.update();
  }

  #toggle() {
    if (this.animation.running) {
      this.animation.stop();
    } else {
      this.elapsed = 0;
      if (this.share >= 1) this.direction = -1;
      if (this.share <= 0) this.direction = 1;
      this.animation.start();
      this.#showPlay();
    }
  }

  #showPlay() {
    this.play.textContent = this.app.t(this.animation.running ? 'dream.pause' : 'dream.play');
  }

  /** Moves back and forth. With reduced motion, shows one image of the strip after the other, once. */
  #advance(seconds) {
    if (calm.matches) {
      this.elapsed += seconds;
      if (this.elapsed < 1) return true;
      this.elapsed = 0;
      this.#setShare(Math.min(Math.max(this.share + this.direction / (stages - 1), 0), 1));
      return this.share > 0 && this.share < 1;
    }
    const share = this.share + this.direction * seconds / morphSeconds;
    if (share >= 1 || share <= 0) this.direction *= -1;
    this.#setShare(Math.min(Math.max(share, 0), 1));
    return true;
  }

  /** Paints the image for the targets. */
  update() {
    const {app, targets} = this;
    this.sliders.forEach(({input, value}, digit) => {
      input.value = targets[digit];
      value.textContent = targets[digit].toFixed(2);
    });
    if (!app.network) return;
    const inputs = this.#backquery(targets);
    if (!inputs) return;
    paintImage(this.image, inputs, {low: 0.01, high: 0.99});
    const outputs = app.network.query(inputs);
    const best = largest(outputs);
    this.reading.textContent = app.t('dream.portrait.reading', {digit: best, value: outputs[best].toFixed(2)});
  }

  #backquery(targets) {
    try {
      return this.app.network.hasInverse ? this.app.network.backquery(targets) : null;
    } catch (error) {
      this.explanation.textContent = error.message;
      return null;
    }
  }

  /** The network or the colors changed. */
  refresh() {
    const {app} = this;
    if (!app.network) {
      this.update();
      return;
    }
    const possible = app.network.hasInverse;
    if (!possible) this.animation.stop();
    this.controls.disabled = !possible;
    this.image.classList.toggle('none', !possible);
    this.explanation.textContent = app.t(possible ? 'dream.portrait.text' : 'dream.noInverse');
    this.reading.textContent = '';
    const [from, to] = [Number(this.from.value), Number(this.to.value)];
    const none = new Float32Array(784).fill(0.01);
    if (!possible) paintImage(this.image, none);
    this.strip.forEach((canvas, i) => {
      const inputs = this.#backquery(mixture(from, to, i / (stages - 1))) ?? none;
      paintImage(canvas, inputs, {low: 0.01, high: 0.99});
    });
    this.update();
  }

  translate() {
    this.explanation.textContent = this.app.t('dream.portrait.text');
    this.sliders.forEach(({input, only}, digit) => {
      input.setAttribute('aria-label', this.app.t('dream.slider', {digit}));
      only.setAttribute('aria-label', this.app.t('dream.only', {digit}));
    });
    this.#showPlay();
    this.refresh();
  }
}

/** A drawing that becomes another digit. */
class Dreaming {
  constructor(app) {
    this.app = app;
    this.target = 7;
    this.start = new Float32Array(784).fill(0.01);
    this.images = {before: image('dream.before'), now: image('dream.now'), change: image('dream.change')};
    this.bars = createBars();
    this.buttons = digits.map((digit) => element('button', {
      type: 'button', click: () => this.#choose(digit),
    }, String(digit)));
    this.run = button('dream.run', () => this.#toggle(), {class: 'primary'});
    this.back = button('dream.reset', () => this.reset(), {class: 'quiet'});
    this.progress = element('p', {class: 'caption'});
    this.source = element('p', {class: 'why'});
    this.animation = new Animation(() => this.#step(stepsInFrame), () => this.#stopped());
    this.element = element('div', {class: 'card dreaming'},
        element('div', {class: 'dreaming-text'}, element('h2', {t: 'dream.like.title'}), this.source,
            element('div', {class: 'digits', role: 'group', label: 'dream.target'}, ...this.buttons),
            element('div', {class: 'actions'}, this.run, this.back, this.progress)),
        element('div', {class: 'triptych'},
            ...['before', 'now', 'change'].map((name) => element('figure', {}, this.images[name],
                element('figcaption', {t: `dream.${name}`})))),
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
      this.app.notify(error.message, {error: true});
      return false;
    }
    this.steps += count;
    this.paint();
    return this.steps < dreamSteps;
  }

  #stopped() {
    this.#showRun();
    this.app.announce(this.app.t('dream.like.reading',
        {digit: largest(this.outputs), value: Math.max(...this.outputs).toFixed(2)}));
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
    paintImage(this.images.change, this.current.map((value, i) => value - this.start[i]),
        {low: -1, high: 1, palette: 'signed'});
    this.outputs = this.app.network.query(this.current);
    this.bars.update(this.outputs);
    this.progress.textContent = this.app.t('dream.steps', {steps: this.steps});
  }

  #showRun() {
    this.run.textContent = this.app.t(this.animation.running ? 'dream.pause' : 'dream.run', {digit: this.target});
  }

  #showTarget() {
    this.buttons.forEach((digitButton, digit) => {
      digitButton.setAttribute('aria-pressed', String(digit === this.target));
      digitButton.setAttribute('aria-label', this.app.t('dream.like', {digit}));
    });
    this.#showRun();
  }

  translate() {
    this.source.textContent = this.app.t(this.app.drawing ? 'dream.like.text' : 'dream.like.blank');
    this.#showTarget();
    this.progress.textContent = this.app.t('dream.steps', {steps: this.steps ?? 0});
  }
}

export function createView(section, app) {
  const portrait = new Portrait(app);
  const dreaming = new Dreaming(app);
  section.append(portrait.element, dreaming.element);
  let drawing;  // with which the view was shown
  return {
    show() {
      if (drawing !== app.drawing || !dreaming.current) {
        drawing = app.drawing;
        dreaming.reset();
      }
      this.translate();
      dreaming.paint();
    },
    hide() {
      portrait.animation.stop();
      dreaming.animation.stop();
    },
    networkChanged() {
      portrait.refresh();
      dreaming.reset();
    },
    translate() {
      portrait.translate();
      dreaming.translate();
    },
  };
}
