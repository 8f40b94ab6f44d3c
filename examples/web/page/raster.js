// Strokes and pictures as gray values.

export const strokeWidth = 0.06;  // of the side of the drawing

/**
 * Paints the part of a stroke from point `first` on. Curves through the midpoints of the points are smooth.
 */
export function paintStroke(context, points, first = 0) {
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

/**
 * A picture of the drawing with 84 x 84 pixels and a margin, in which no stroke reaches from edge to edge.
 */
export class Raster {
  static area = 84;  // 28 * 3
  static margin = 28;
  static side = Raster.area + 2 * Raster.margin;

  constructor() {
    this.canvas = document.createElement('canvas');
    this.canvas.width = this.canvas.height = Raster.side;
    this.context = this.canvas.getContext('2d', {willReadFrequently: true});
    this.context.lineCap = this.context.lineJoin = 'round';
    this.context.fillStyle = '#fff';
    this.context.fillRect(0, 0, Raster.side, Raster.side);
    this.context.setTransform(Raster.area, 0, 0, Raster.area, Raster.margin, Raster.margin);
    this.context.rect(0, 0, 1, 1);
    this.context.clip();  // ink outside of the drawing area is left out
  }

  clear() { this.context.fillRect(0, 0, 1, 1); }

  /** Gray values around the strokes, with the margin: less to search than in the whole picture. */
  gray(strokes) {
    const points = strokes.flat();
    const range = (values) => {
      const pixel = (value) => Math.round(Raster.area * Math.min(Math.max(value, 0), 1));
      const first = pixel(Math.min(...values));
      return [first, pixel(Math.max(...values)) - first + 2 * Raster.margin];
    };
    const [left, width] = range(points.map(({x}) => x));
    const [top, height] = range(points.map(({y}) => y));
    return grayOf(this.context.getImageData(left, top, width, height));
  }

  /** The pixels without the margin. */
  area() { return grayOf(this.context.getImageData(Raster.margin, Raster.margin, Raster.area, Raster.area)); }
}

/** Gray values of an ImageData, as {gray, rows, cols}. */
function grayOf({data, width, height}) {
  const gray = new Uint8Array(width * height);
  for (let i = 0; i < gray.length; ++i) {
    gray[i] = Math.round(0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]);
  }
  return {gray, rows: height, cols: width};
}

/** The gray values of a canvas. */
export function grayOfCanvas(canvas) {
  return grayOf(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height));
}

/** Means over 28 x 28 equal rectangles, as inputs from 0.01 (white) to 1 (black). */
export function reduced(gray, rows, cols) {
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
