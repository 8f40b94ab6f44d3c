// Paints values as pixels of a canvas.
import {element} from './dom.js';

function color(name) {
  const channels = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  channels.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name);
  channels.fillRect(0, 0, 1, 1);
  return channels.getImageData(0, 0, 1, 1).data;
}

// 256 colors for each palette, for values from -1 to 1 or from 0 to 1. They depend on the color scheme.
const palettes = {};

function paletteOf(name) {
  if (!palettes[name]) {
    const stops = {
      ink: ['--paper', '--ink'],
      signed: ['--negative', '--paper', '--positive'],
    }[name].map(color);
    const values = new Uint32Array(256);
    const bytes = new Uint8ClampedArray(values.buffer);
    for (let i = 0; i < 256; ++i) {
      const position = (i / 255) * (stops.length - 1);
      const from = Math.min(Math.floor(position), stops.length - 2);
      for (let channel = 0; channel < 4; ++channel) {
        bytes[4 * i + channel] =
            stops[from][channel] + (position - from) * (stops[from + 1][channel] - stops[from][channel]);
      }
    }
    palettes[name] = values;
  }
  return palettes[name];
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const name of Object.keys(palettes)) delete palettes[name];
});

/**
 * Paints rows * cols values, row by row: one pixel of the canvas each (the style sheet enlarges it).
 * @param options  low and high: the values of the palette's ends; palette: 'ink' or 'signed' (negative to
 *     positive)
 */
export function paintImage(
    canvas, values, {rows = 28, cols = 28, low = 0.01, high = 1, palette = 'ink'} = {}) {
  if (canvas.width !== cols || canvas.height !== rows) {
    canvas.width = cols;
    canvas.height = rows;
  }
  const context = canvas.getContext('2d');
  const image = context.createImageData(cols, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const colors = paletteOf(palette);
  const scale = 255 / (high - low);
  for (let i = 0; i < pixels.length; ++i) {
    pixels[i] = colors[Math.max(0, Math.min(255, Math.round((values[i] - low) * scale)))];
  }
  context.putImageData(image, 0, 0);
}

/** A canvas for 28 x 28 pixels. Without a label, screen readers skip it. */
export function createImage(label) {
  const name = label ? {role: 'img', label} : {'aria-hidden': 'true'};
  return element('canvas', {class: 'pixels', width: 28, height: 28, ...name});
}
