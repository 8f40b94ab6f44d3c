// Strokes of the digits 0 to 9, as one writes them. Points are from 0 to 1; x to the right, y down.
const corners = [
  [[
    [0.57, 0.17], [0.42, 0.2], [0.31, 0.38], [0.3, 0.58], [0.38, 0.77], [0.52, 0.81], [0.65, 0.7], [0.7, 0.5],
    [0.67, 0.3], [0.56, 0.18]
  ]],
  [[[0.42, 0.28], [0.48, 0.23], [0.54, 0.17], [0.53, 0.3], [0.52, 0.5], [0.5, 0.68], [0.49, 0.83]]],
  [[
    [0.31, 0.33], [0.37, 0.22], [0.5, 0.17], [0.62, 0.23], [0.64, 0.37], [0.56, 0.52], [0.43, 0.66],
    [0.31, 0.79], [0.33, 0.8], [0.45, 0.79], [0.58, 0.79], [0.71, 0.77]
  ]],
  [[
    [0.32, 0.23], [0.45, 0.17], [0.6, 0.2], [0.64, 0.32], [0.56, 0.43], [0.46, 0.47], [0.58, 0.5],
    [0.67, 0.61], [0.63, 0.75], [0.48, 0.82], [0.32, 0.77]
  ]],
  [
    [[0.36, 0.17], [0.34, 0.3], [0.31, 0.45], [0.33, 0.51], [0.45, 0.52], [0.58, 0.5], [0.7, 0.48]],
    [[0.62, 0.19], [0.61, 0.36], [0.59, 0.55], [0.57, 0.7], [0.56, 0.85]]
  ],
  [
    [
      [0.4, 0.19], [0.38, 0.32], [0.36, 0.44], [0.46, 0.42], [0.58, 0.45], [0.66, 0.56], [0.64, 0.7],
      [0.53, 0.8], [0.4, 0.82], [0.29, 0.76]
    ],
    [[0.4, 0.19], [0.52, 0.19], [0.68, 0.17]]
  ],
  [[
    [0.6, 0.16], [0.47, 0.25], [0.37, 0.41], [0.33, 0.6], [0.38, 0.76], [0.51, 0.82], [0.63, 0.74],
    [0.64, 0.61], [0.54, 0.53], [0.42, 0.57], [0.35, 0.66]
  ]],
  [[
    [0.28, 0.22], [0.4, 0.2], [0.55, 0.2], [0.69, 0.19], [0.64, 0.32], [0.56, 0.48], [0.5, 0.64], [0.45, 0.83]
  ]],
  [[
    [0.62, 0.24], [0.5, 0.17], [0.38, 0.23], [0.38, 0.36], [0.5, 0.47], [0.62, 0.58], [0.64, 0.72],
    [0.52, 0.82], [0.38, 0.76], [0.37, 0.62], [0.5, 0.48], [0.6, 0.38], [0.63, 0.26]
  ]],
  [[
    [0.64, 0.29], [0.55, 0.19], [0.42, 0.2], [0.34, 0.31], [0.37, 0.43], [0.49, 0.48], [0.6, 0.41],
    [0.65, 0.29], [0.64, 0.42], [0.61, 0.6], [0.56, 0.84]
  ]],
];

/** Points on a Catmull-Rom curve through the corners. */
function curve(points) {
  const at = (i) => points[Math.min(Math.max(i, 0), points.length - 1)];
  const result = [];
  for (let i = 0; i + 1 < points.length; ++i) {
    for (let t = 0; t < 1; t += 0.2) {
      result.push([0, 1].map((axis) => {
        const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)].map((point) => point[axis]);
        return b + t * (c - a) / 2 + t * t * (a - 2.5 * b + 2 * c - d / 2) +
            t * t * t * (1.5 * (b - c) + (d - a) / 2);
      }));
    }
  }
  return [...result, points.at(-1)];
}

/** The strokes of each digit, as curves. */
export const digitStrokes = corners.map((strokes) => strokes.map(curve));

/** Draws strokes with the mouse in an element; scale and the offsets place a smaller digit. */
export async function draw(page, selector, strokes, {scale = 1, left = 0, top = 0} = {}) {
  const box = await page.locator(selector).boundingBox();
  const place = ([x, y]) => [box.x + box.width * (left + scale * x), box.y + box.height * (top + scale * y)];
  for (const [first, ...others] of strokes) {
    await page.mouse.move(...place(first));
    await page.mouse.down();
    for (const point of others) await page.mouse.move(...place(point));
    await page.mouse.up();
  }
}
