// Draw: a digit on the left; the network's outputs and what it sees on the right.
import {createBars, largest} from '../bars.js';
import {button, element, setText} from '../dom.js';
import {Drawing} from '../drawing.js';
import {createImage, paintImage} from '../image.js';
import {reasonOf} from '../messages.js';
import {readPicture} from '../photo.js';

const paper = new Float32Array(784).fill(0.01);

/** What the network sees of a drawing, and its outputs: {inputs, outputs}. Throws if there is no ink. */
function recognize({engine, network}, drawing, preprocessed) {
  let inputs;
  if (preprocessed) {
    const {gray, rows, cols} = drawing.gray();
    inputs = engine.digitFromImage(gray, rows, cols);
  } else {
    inputs = drawing.plainInputs();
  }
  return {inputs, outputs: network.query(inputs)};
}

/** A picture of 28 x 28 pixels and its prediction, as a choice. */
function createSight(name, checked, changed) {
  const canvas = createImage(`draw.${name}.image`);
  const result = element('span', {class: 'reading'});
  const radio = element('input', {type: 'radio', name: 'sight', value: name, checked, change: changed});
  return {
    radio,
    canvas,
    result,
    element: element(
        'label', {class: 'sight'}, canvas,
        element('span', {class: 'choice'}, radio, element('span', {t: `draw.${name}`})), result),
  };
}

class DrawView {
  constructor(section, app) {
    this.app = app;
    this.canvas = element('canvas', {
      class: 'pad',
      tabindex: '0',
      role: 'application',
      label: 'draw.canvas',
      'aria-describedby': 'draw-keys',
    });
    this.prompt = element('p', {class: 'prompt', 'aria-hidden': 'true', t: 'draw.prompt'});
    this.undo = button('draw.undo', () => this.drawing.undo(), {class: 'quiet', disabled: true});
    this.clear = button('draw.clear', () => this.drawing.clear(), {class: 'quiet', disabled: true});
    this.fileInput = element('input', {
      type: 'file',
      accept: 'image/*',
      hidden: true,
      label: 'draw.photo',
      tabindex: '-1',
      change: () => this.openFiles([...this.fileInput.files].map((file) => ({name: file.name, file}))),
    });
    this.digit = element('p', {class: 'digit-read', 'aria-hidden': 'true'});
    this.sentence = element('p', {class: 'sentence'});
    this.bars = createBars();
    this.sights = [
      createSight('centered', true, () => this.update()), createSight('plain', false, () => this.update())
    ];
    section.append(this.#pad(), this.#outcome());
    this.drawing = new Drawing(this.canvas, {
      changed: () => this.update(),
      finished: () => this.#say(),
      cursor: (state) => this.#sayCursor(state),
    });
    this.translate();
  }

  #pad() {
    return element(
        'div', {class: 'card pad-card'},
        element(
            'div', {class: 'card-head'}, element('h2', {t: 'draw.title'}),
            button('draw.photo', () => this.fileInput.click(), {class: 'quiet'}), this.undo, this.clear,
            this.fileInput),
        element('div', {class: 'pad-frame'}, this.canvas, this.prompt),
        element('p', {id: 'draw-keys', class: 'hint', t: 'draw.keys'}));
  }

  #outcome() {
    return element(
        'div', {class: 'outcome'},
        element(
            'div', {class: 'card result'}, element('div', {class: 'verdict'}, this.digit, this.sentence),
            this.bars.element),
        element(
            'div', {class: 'card'}, element('h2', {t: 'draw.sees'}),
            element(
                'div', {class: 'sees'},
                element(
                    'div', {class: 'sights', role: 'radiogroup', label: 'draw.sees'},
                    ...this.sights.map((sight) => sight.element)),
                element('p', {class: 'why', t: 'draw.why'}))));
  }

  /** Recognizes the drawing. Runs in the frame of each pointer event. */
  update() {
    const {app, drawing} = this;
    this.prompt.hidden = !drawing.empty || drawing.cursor.visible;
    this.undo.disabled = this.clear.disabled = drawing.empty;
    const seen = this.#see();
    app.drawing = seen[0]?.inputs ?? null;
    this.sights.forEach((sight, i) => {
      paintImage(sight.canvas, seen[i]?.inputs ?? paper);
      setText(sight.result, seen[i] ? this.#reading(seen[i].outputs) : '\u2013');
    });
    this.outputs = seen[this.sights.findIndex(({radio}) => radio.checked)]?.outputs ?? null;
    this.bars.update(this.outputs);
    this.#showVerdict();
  }

  /** Counts the digits of a photo, once. Strokes are taken for one digit. */
  #count() {
    const {picture} = this.drawing;
    if (picture && picture !== this.counted?.picture) {
      const {gray, rows, cols} = this.drawing.gray();
      this.counted = {picture, digits: this.app.engine.countDigits(gray, rows, cols)};
    }
    return picture ? this.counted.digits : 1;
  }

  /** What the network sees as prepared and as drawn; nulls if there is no ink. */
  #see() {
    const {app, drawing, sights} = this;
    this.digits = 1;
    if (drawing.empty || !app.network) return [null, null];
    try {
      this.digits = this.#count();
      return sights.map(({radio}) => recognize(app, drawing, radio.value === 'centered'));
    } catch (error) {
      this.failure = error;
      return [null, null];
    }
  }

  #reading(outputs) {
    const best = largest(outputs);
    return `${best}\u2002${outputs[best].toFixed(2)}`;
  }

  #verdict() {
    if (!this.outputs) return this.app.t(this.drawing.empty ? 'draw.empty' : 'draw.noInk');
    if (this.digits > 1) return this.app.t('draw.several', {count: this.digits});
    const best = largest(this.outputs);
    const second = largest(this.outputs.map((value, digit) => (digit === best ? -1 : value)));
    const sure = this.outputs[best] >= 0.5 && this.outputs[best] >= 2 * this.outputs[second];
    return this.app.t(sure ? 'draw.sure' : 'draw.unsure', {
      digit: best,
      value: this.outputs[best].toFixed(2),
      second,
      secondValue: this.outputs[second].toFixed(2),
    });
  }

  #showVerdict() {
    const isRead = this.outputs !== null && this.digits === 1;
    setText(this.digit, isRead ? String(largest(this.outputs)) : '?');
    this.digit.classList.toggle('none', !isRead);
    setText(this.sentence, this.#verdict());
  }

  #say() { this.app.announce(this.#verdict()); }

  #sayCursor({row, col, down}) {
    this.prompt.hidden = true;
    clearTimeout(this.cursorTimer);
    this.cursorTimer = setTimeout(
        () => this.app.announce(this.app.t(down ? 'draw.cursorDown' : 'draw.cursorUp', {row, col})), 500);
  }

  async openFiles([picked]) {
    if (!picked) return;
    const {name, file} = picked;
    try {
      const picture = await readPicture(this.app, file);
      this.failure = null;
      this.drawing.setPicture(picture);
      if (this.failure)
        this.app.notify(this.#reason(name), {error: true});
      else
        this.app.dismiss();
    } catch (error) {
      this.app.notify(error.message, {error: true});
    }
    this.fileInput.value = '';
  }

  #reason(name) {
    if (/has no ink/.test(this.failure.message)) return this.app.t('photo.noInk', {name});
    return `${name}: ${reasonOf(this.failure)}`;
  }

  translate() { this.update(); }

  show() {
    this.drawing.repaint();
    this.update();
  }

  hide() {}

  networkChanged() { this.update(); }
}

export function createView(section, app) { return new DrawView(section, app); }
