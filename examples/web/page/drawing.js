// A drawing by mouse, finger, pen or keyboard: strokes, which are painted on the screen and into the small gray
// picture that is recognized.

const strokeWidth = 0.06;   // of the side of the drawing
const step = 1 / 28;        // of the keyboard's cursor

/** Paints the part of a stroke from point `first` on. Curves through the midpoints of the points are smooth. */
function paintStroke(context, points, first = 0) {
  const middle = (a, b) => [(a.x + b.x) / 2, (a.y + b.y) / 2];
  for (let i = first; i < points.length; ++i) {
    const [before, from, to] = [points[Math.max(i - 2, 0)], points[Math.max(i - 1, 0)], points[i]];
    context.lineWidth = strokeWidth * to.width;
    context.beginPath();
    context.moveTo(...(i > 1 ? middle(before, from) : [from.x, from.y]));
    context.quadraticCurveTo(from.x, from.y, ...middle(from, to));
    context.lineTo(to.x + (i === 0 ? 1e-4 : 0), to.y);  // the first point is a dot
    context.stroke();
  }
}

/** A picture of the drawing with 84 x 84 pixels and a margin, in which no stroke reaches from edge to edge. */
class Raster {
  static area = 84;  // 28 * 3
  static margin = 28;
  static side = Raster.area + 2 * Raster.margin;

  constructor() {
    this.canvas = document.createElement('canvas');
    this.canvas.width = this.canvas.height = Raster.side;
    this.context = this.canvas.getContext('2d', {willReadFrequently: true});
    this.context.lineCap = this.context.lineJoin = 'round';
    this.clear();
  }

  clear() {
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.fillStyle = '#fff';
    this.context.fillRect(0, 0, Raster.side, Raster.side);
    this.context.setTransform(Raster.area, 0, 0, Raster.area, Raster.margin, Raster.margin);
  }

  /** The pixels: gray values, 0 is black, with rows * cols pixels. */
  gray() {
    return grayOf(this.context.getImageData(0, 0, Raster.side, Raster.side));
  }

  /** The pixels without the margin. */
  area() {
    return grayOf(this.context.getImageData(Raster.margin, Raster.margin, Raster.area, Raster.area));
  }
}

/** Gray values of an ImageData, as {gray, rows, cols}. */
export function grayOf({data, width, height}) {
  const gray = new Uint8Array(width * height);
  for (let i = 0; i < gray.length; ++i) {
    gray[i] = Math.round(0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]);
  }
  return {gray, rows: height, cols: width};
}

/**
 * Makes a canvas a drawing area.
 * @param on  changed(): in the frame in which the drawing changed; finished(): a stroke ended; cursor(state): the
 *        keyboard moved the cursor, {row, col, down}
 */
export class Drawing {
  strokes = [];
  picture = null;  // a photo instead of strokes: a canvas
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

  get empty() {
    return this.strokes.length === 0 && !this.picture;
  }

  /** The gray picture to recognize: {gray, rows, cols}. */
  gray() {
    return this.picture ? grayOfCanvas(this.picture) : this.#raster.gray();
  }

  /** The whole drawing, reduced to 28 x 28 inputs of a network, ink 1 and paper 0.01, without any preprocessing. */
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
    if (this.picture) this.picture = null;
    else this.strokes.pop();
    this.#changed();
    this.on.finished();
  }

  /** Shows a picture, a canvas, instead of strokes. */
  setPicture(picture) {
    this.strokes = [];
    this.picture = picture;
    this.#changed();
    this.on.finished();
  }

  /** Replaces the strokes: lists of points {x, y} from 0 to 1. */
  setStrokes(strokes) {
    this.picture = null;
    this.strokes = strokes.map((points) => points.map(({x, y, width = 1}) => ({x, y, width})));
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

  /** The strokes are others than before. */
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
    if (this.cursor.visible) this.repaint();
    else paintStroke(this.context, points, count);
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
    if (this.cursor.down) this.#begin({x: this.cursor.x, y: this.cursor.y, width: 1});
    else this.#end();
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

function grayOfCanvas(canvas) {
  return grayOf(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height));
}

/** Means over 28 x 28 equal rectangles, as inputs from 0.01 (white) to 1 (black). */
function reduced(gray, rows, cols) {
  const sums = new Float32Array(784), counts = new Float32Array(784);
  for (let row = 0; row < rows; ++row) {
    for (let col = 0; col < cols; ++col) {
      const i = 28 * Math.floor(28 * row / rows) + Math.floor(28 * col / cols);
      sums[i] += 255 - gray[cols * row + col];
      ++counts[i];
    }
  }
  return sums.map((sum, i) => 0.01 + 0.99 * sum / (255 * Math.max(counts[i], 1)));
}
