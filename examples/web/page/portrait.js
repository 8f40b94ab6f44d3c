// Backquery in the view Dream.
import {Animation, calm} from './animation.js';
import {largest} from './bars.js';
import {button, element} from './dom.js';
import {createImage, paintImage} from './image.js';
import {digits, mixture, off, on, targetsFor} from './targets.js';

const stages = 9;  // images of the strip
const morphSeconds = 3;

function choice(label, selected, change) {
  return element(
      'select', {label, change},
      ...digits.map(
          (digit) => element('option', {value: digit, selected: digit === selected}, String(digit))));
}

/** Backquery: ten sliders, the image, and the morph between two digits. */
export class Portrait {
  constructor(app) {
    this.app = app;
    this.targets = targetsFor(3);
    this.share = 0;
    this.direction = 1;
    this.image = createImage('dream.portrait.image');
    this.reading = element('p', {class: 'caption'});
    this.explanation = element('p', {class: 'why'});
    this.sliders = digits.map((digit) => this.#slider(digit));
    this.from = choice('dream.from', 3, () => this.#morphTo(0));
    this.to = choice('dream.to', 8, () => this.#morphTo(0));
    this.play = button('dream.play', () => this.#toggle(), {class: 'primary'});
    this.position = element('input', {
      type: 'range',
      min: 0,
      max: 1,
      step: 0.005,
      value: 0,
      label: 'dream.position',
      class: 'position',
      input: () => this.#morphTo(Number(this.position.value)),
    });
    this.strip = Array.from({length: stages}, () => createImage());
    this.animation = new Animation((seconds) => this.#advance(seconds), () => this.#showPlay());
    this.controls = element(
        'fieldset', {class: 'controls'},
        element('legend', {class: 'for-screen-readers', t: 'dream.portrait.controls'}),
        element(
            'div', {class: 'mixer', role: 'group', label: 'dream.mixer'},
            ...this.sliders.map(({item}) => item)),
        this.#morph());
    this.element = element(
        'div', {class: 'card portrait'}, element('h2', {t: 'dream.portrait.title'}), this.explanation,
        element('div', {class: 'portrait-image'}, this.image, this.reading), this.controls);
  }

  #slider(digit) {
    const input = element('input', {
      type: 'range',
      min: off,
      max: on,
      step: 0.01,
      value: this.targets[digit],
      class: 'upright',
      input: () => this.#mix(digit, Number(input.value)),
    });
    const value = element('span', {class: 'value', 'aria-hidden': 'true'});
    const only = element('button', {type: 'button', click: () => this.#only(digit)}, String(digit));
    return {input, value, only, item: element('div', {class: 'channel'}, value, input, only)};
  }

  #morph() {
    return element(
        'div', {class: 'morph'},
        element(
            'div', {class: 'morph-head'}, element('h3', {t: 'dream.morph'}), this.from,
            element('span', {'aria-hidden': 'true'}, '\u2192'), this.to, this.play),
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

  #showPlay() { this.play.textContent = this.app.t(this.animation.running ? 'dream.pause' : 'dream.play'); }

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
    this.reading.textContent =
        app.t('dream.portrait.reading', {digit: best, value: outputs[best].toFixed(2)});
  }

  #backquery(targets) {
    try {
      return this.app.network.hasInverse ? this.app.network.backquery(targets) : null;
    } catch (error) {
      this.explanation.textContent = error.message;
      return null;
    }
  }

  /** Paints again, after a change of the network or the colors. */
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
