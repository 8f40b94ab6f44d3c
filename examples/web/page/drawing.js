// A drawing by mouse, finger, pen or keyboard: strokes, which are painted on the screen and into the small
// gray picture that is recognized.

import {grayOfCanvas, paintStroke, Raster, reduced, strokeWidth} from './raster.js';

const step = 1 / 28;  // of the keyboard's cursor

/**
 * Makes a canvas a drawing area.
 * @param on  callbacks. changed(): in the frame in which the drawing changed. finished(): after a stroke.
 *     cursor({row, col, down}): the keyboard moved the cursor
 */
export class Drawing {
  strokes = [];
  picture = null;  // a canvas with a photo, in place of strokes
  cursor = {x: 0.5, y: 0.5, visible: false, down: false};

  #raster = new Raster();
  #painted = null;  // the stroke that is being drawn, and its points that are painted
  #pointer = null;
  #keys = new Set();

  constructor(canvas, on) {
    this.canvas = canvas;
    this.on = on;
    this.context = canvas.getContext('2d');
    new ResizeObserver(() => this.repaint()).observe(canvas);
    canvas.addEventListener('pointerdown', (event) => this.#pointerDown(event));
    canvas.addEventListener('pointermove', (event) => this.#pointerMove(event));
    for (const type of ['pointerup', 'pointercancel']) {
      canvas.addEventListener(type, (event) => this.#pointerUp(event));
    }
    canvas.addEventListener('keydown', (event) => this.#keyDown(event));
    canvas.addEventListener('keyup', (event) => this.#keys.delete(event.key));
    canvas.addEventListener('blur', () => this.#leave());
  }

  get empty() { return this.strokes.length === 0 && !this.picture; }

  /** The gray picture to recognize: {gray, rows, cols}. */
  gray() { return this.picture ? grayOfCanvas(this.picture) : this.#raster.gray(this.strokes); }

  /**
   * The whole drawing, reduced to 28 x 28 inputs of a network, ink 1 and paper 0.01, without any
   * preprocessing.
   */
  plainInputs() {
    const {gray, rows, cols} = this.picture ? grayOfCanvas(this.picture) : this.#raster.area();
    return reduced(gray, rows, cols);
  }

  clear() {
    this.strokes = [];
    this.picture = null;
    this.#changed();
    this.on.finished();
  }

  undo() {
    if (this.picture)
      this.picture = null;
    else
      this.strokes.pop();
    this.#changed();
    this.on.finished();
  }

  /** Shows a picture (a canvas) in place of strokes. */
  setPicture(picture) {
    this.strokes = [];
    this.picture = picture;
    this.#changed();
    this.on.finished();
  }

  /** Paints everything, with the colors of the style sheet. */
  repaint() {
    const side = Math.round(this.canvas.clientWidth * devicePixelRatio);
    if (side === 0) return;
    if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
    const style = getComputedStyle(this.canvas);
    const context = this.context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, side, side);
    context.setTransform(side, 0, 0, side, 0, 0);
    if (this.picture) {
      const scale = 1 / Math.max(this.picture.width, this.picture.height);
      const [width, height] = [this.picture.width * scale, this.picture.height * scale];
      context.drawImage(this.picture, (1 - width) / 2, (1 - height) / 2, width, height);
    }
    context.lineCap = context.lineJoin = 'round';
    context.strokeStyle = style.getPropertyValue('--ink');
    for (const points of this.strokes) paintStroke(context, points);
    if (this.cursor.visible) this.#paintCursor(style);
  }

  #paintCursor(style) {
    const {x, y, down} = this.cursor;
    const context = this.context;
    context.lineWidth = 0.006;
    context.strokeStyle = context.fillStyle = style.getPropertyValue('--best');
    context.beginPath();
    context.arc(x, y, strokeWidth / 2, 0, 2 * Math.PI);
    if (down) context.fill();
    context.moveTo(x - strokeWidth, y);
    context.lineTo(x + strokeWidth, y);
    context.moveTo(x, y - strokeWidth);
    context.lineTo(x, y + strokeWidth);
    context.stroke();
  }

  /** The strokes have changed. */
  #changed() {
    this.#painted = null;
    this.#raster.clear();
    for (const points of this.strokes) paintStroke(this.#raster.context, points);
    this.repaint();
    this.on.changed();
  }

  #begin(point) {
    this.picture = null;
    this.strokes.push([point]);
    this.#changed();
    this.#painted = {points: this.strokes.at(-1), count: 1};
  }

  /** Paints the new points of the stroke. Browsers send one pointer event for each frame, just before it. */
  #paintNew() {
    if (!this.#painted || this.#painted.count === this.#painted.points.length) return;
    const {points, count} = this.#painted;
    if (this.cursor.visible)
      this.repaint();
    else
      paintStroke(this.context, points, count);
    paintStroke(this.#raster.context, points, count);
    this.#painted.count = points.length;
    this.on.changed();
  }

  #end() {
    this.#paintNew();
    this.#painted = null;
    this.on.finished();
  }

  #pointOf(event) {
    const box = this.canvas.getBoundingClientRect();
    const width = event.pointerType === 'pen' && event.pressure > 0 ? 0.5 + event.pressure : 1;
    return {x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height, width};
  }

  #pointerDown(event) {
    if (event.button !== 0 || this.#pointer !== null) return;
    this.#leave();
    this.cursor.visible = false;
    this.#pointer = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.#begin(this.#pointOf(event));
  }

  #pointerMove(event) {
    if (event.pointerId !== this.#pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    const points = this.#painted.points;
    for (const part of events.length > 0 ? events : [event]) {
      const point = this.#pointOf(part);
      const last = points.at(-1);
      if (Math.hypot(point.x - last.x, point.y - last.y) > 0.002) points.push(point);
    }
    this.#paintNew();
  }

  #pointerUp(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.#end();
  }

  #keyDown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const actions = {
      ' ': () => event.repeat || this.#togglePen(),
      Backspace: () => this.undo(),
      Delete: () => this.clear(),
      Escape: () => this.#leave(),
    };
    if (/^Arrow/.test(event.key)) {
      this.#keys.add(event.key);
      this.#moveCursor();
    } else if (actions[event.key]) {
      actions[event.key]();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Two arrow keys at once move diagonally. */
  #moveCursor() {
    const pressed = (key) => Number(this.#keys.has(key));
    const move = (value, change) => Math.min(Math.max(value + step * change, step / 2), 1 - step / 2);
    this.cursor.x = move(this.cursor.x, pressed('ArrowRight') - pressed('ArrowLeft'));
    this.cursor.y = move(this.cursor.y, pressed('ArrowDown') - pressed('ArrowUp'));
    this.cursor.visible = true;
    if (this.cursor.down && this.#painted) {
      this.#painted.points.push({x: this.cursor.x, y: this.cursor.y, width: 1});
      this.#paintNew();
    }
    this.repaint();
    this.#tellCursor();
  }

  #togglePen() {
    this.cursor.visible = true;
    this.cursor.down = !this.cursor.down;
    if (this.cursor.down)
      this.#begin({x: this.cursor.x, y: this.cursor.y, width: 1});
    else
      this.#end();
    this.repaint();
    this.#tellCursor();
  }

  #tellCursor() {
    const {x, y, down} = this.cursor;
    this.on.cursor({row: Math.round(y / step + 0.5), col: Math.round(x / step + 0.5), down});
  }

  #leave() {
    this.#keys.clear();
    if (this.cursor.down) this.#togglePen();
    this.cursor.visible = false;
    this.repaint();
  }
}
