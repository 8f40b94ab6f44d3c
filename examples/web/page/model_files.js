// Networks from files and into files, and files that are dropped on the page.

import {reasonOf} from './messages.js';

const magic = [0x89, 0x42, 0x51, 0x4d];  // the first bytes of a model file

/** Whether a file begins as PNG, JPEG, GIF, BMP or WebP. */
function isPicture(bytes) {
  const start = String.fromCharCode(...bytes.slice(0, 12));
  return /^(\x89PNG|\xff\xd8\xff|GIF8|BM|RIFF....WEBP)/s.test(start);
}

export function isModel(bytes) { return magic.every((byte, i) => bytes[i] === byte); }

/** Throws an Error that names the file: it may be a folder, or larger than the memory. */
export async function bytesOf(file) {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new Error(`${file.name}: ${error.message}`);
  }
}

function describe(app, name, bytes, error) {
  if (/not a backquery model/.test(error.message)) {
    const isDigits = /\.(csv|gz)$|ubyte/i.test(name);
    return app.t(`model.${isPicture(bytes) ? 'isPicture' : isDigits ? 'isDigits' : 'none'}`, {name});
  }
  if (/checksum|cut short|after its end/.test(error.message)) return app.t('model.damaged', {name});
  return app.t('model.unreadable', {name, reason: reasonOf(error)});
}

/** A network for images of 28 x 28 pixels and ten digits. Throws an Error whose message can be shown. */
export function readModel(app, name, bytes) {
  let network;
  try {
    network = app.engine.loadNetwork(bytes);
  } catch (error) {
    throw new Error(describe(app, name, bytes, error));
  }
  const sizes = network.layerSizes;
  if (sizes[0] !== 784 || sizes[sizes.length - 1] !== 10) {
    network.close();
    throw new Error(app.t('model.wrongSizes', {name, sizes: sizes.join('-')}));
  }
  return network;
}

export function download(bytes, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes], {type: 'application/octet-stream'}));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** Calls open(files) for files that are dropped anywhere on the page. */
export function acceptDrops(hint, open) {
  let depth = 0;  // of nested elements that the pointer has entered
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
  const show = (change) => {
    depth = change ? Math.max(depth + change, 0) : 0;
    hint.hidden = depth === 0;
  };
  addEventListener('dragenter', (event) => hasFiles(event) && show(1));
  addEventListener('dragleave', (event) => hasFiles(event) && show(-1));
  addEventListener('dragover', (event) => hasFiles(event) && event.preventDefault());
  addEventListener('drop', (event) => {
    show(0);
    if (!hasFiles(event)) return;
    event.preventDefault();
    open([...event.dataTransfer.files]);
  });
}
