// Starts the page: texts and views first, so that the layout is complete; then the engine and the network.
//
// A view is a module with createView(section, app). It fills the section at once, without the engine, and
// returns
//
//   show(), hide()      the view becomes visible or invisible; show also repaints, since sizes or colors may
//                       differ
//
//   networkChanged()    app.network is another network; from the first call on, app.engine is loaded
//
//   translate()         optional: the language changed; elements with data-t are translated already
//
//   openFiles(files)    optional: files were dropped on the page, [{name, type, bytes, file}]
import {acceptComma} from './dom.js';
import {Language} from './language.js';
import {reasonOf} from './messages.js';
import {acceptDrops, bytesOf, download, isModel, readModel} from './model_files.js';
import {createTabs} from './tabs.js';
import {createView as createDraw} from './views/draw.js';
import {createView as createDream} from './views/dream.js';
import {createView as createInside} from './views/inside.js';
import {createView as createLearn} from './views/learn.js';

const byId = (id) => document.getElementById(id);
const language = new Language();
const files = {};
const creators = {
  draw: createDraw,
  dream: createDream,
  learn: createLearn,
  inside: createInside
};
const views = {};
let shown = null;
let noticeTimer = 0;
let engineFailure = null;  // its text in the language of the page

const app = {
  engine: null,
  network: null,
  /** The inputs of the last drawing, 784 values, or null. */
  drawing: null,
  t: (key, values) => language.t(key, values),
  /** The bytes of a file of the page. All files are fetched at the start: the page then works offline. */
  file: (name) => (files[name] ??= fetchBytes(name)),
  /** Replaces and closes app.network. */
  setNetwork(network) {
    const previous = app.network;
    app.network = network;
    if (previous !== network) previous?.close();
    describeNetwork();
    for (const view of Object.values(views)) view.networkChanged();
  },
  /** Passes a text to screen readers. */
  announce(text) {
    const line = document.createElement('p');
    line.textContent = text;
    byId('announcer').replaceChildren(line);
  },
  /** Shows a text: an error until it is dismissed or the view changes, any other for six seconds. */
  notify(text, {error = false} = {}) {
    clearTimeout(noticeTimer);
    if (!error) noticeTimer = setTimeout(app.dismiss, 6000);
    const notice = byId('notice');
    notice.firstElementChild.textContent = text;
    notice.classList.toggle('error', error);
    notice.hidden = false;
  },
  /** Hides the text, for example because it was about an action that has now succeeded. */
  dismiss: () => (byId('notice').hidden = true),
  /** Shows another view. */
  go: (name) => tabs.go(name),
};

async function fetchBytes(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(app.t('page.missing', {name, status: response.status}));
  return new Uint8Array(await response.arrayBuffer());
}

function describeNetwork() {
  byId('model-sizes').textContent = app.network.layerSizes.join('-');
  byId('save-model').disabled = false;
}

function describeEngine() {
  byId('build').textContent = app.engine.build.text;
  byId('measure').disabled = false;
}

function translate() {
  language.translate(document);
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === language.code));
  }
  if (app.network) describeNetwork();
  if (app.engine) describeEngine();
  for (const view of Object.values(views)) view.translate?.();
}

function useModel(name, bytes) {
  if (!app.engine) {
    showError({message: engineFailure ? engineFailure() : app.t('model.early', {name})});
    return;
  }
  try {
    app.setNetwork(readModel(app, name, bytes));
    app.notify(app.t('model.loaded', {name, sizes: app.network.layerSizes.join('-')}));
  } catch (error) {
    showError(error);
  }
}

function showError(error) { app.notify(reasonOf(error), {error: true}); }

/** Pictures are for Draw, model files for the page, and all others for Learn. */
async function openFiles(dropped) {
  const opened = [];
  for (const file of dropped) {
    const bytes = await bytesOf(file);
    if (isModel(bytes) || /\.(bqm|model)$/i.test(file.name)) {
      useModel(file.name, bytes);
    } else {
      opened.push({name: file.name, type: file.type, bytes, file});
    }
  }
  const pictures = opened.filter(({type}) => type.startsWith('image/'));
  for (const [name, list] of [
           ['draw', pictures], ['learn', opened.filter((file) => !pictures.includes(file))]]) {
    if (list.length > 0 && views[name].openFiles) {
      app.go(name);
      views[name].openFiles(list);
    }
  }
}

function measureSpeed() {
  const {queryMicroseconds, trainSamplesPerSecond} = app.engine.benchmark({samples: 1000});
  byId('speed').textContent = app.t('speed.result', {
    mnist: queryMicroseconds.mnist.toFixed(1),
    dense: queryMicroseconds.dense.toFixed(1),
    steps: Math.round(trainSamplesPerSecond).toLocaleString(language.code),
  });
}

function connectControls() {
  for (const button of document.querySelectorAll('[data-language]')) {
    button.addEventListener('click', () => {
      language.set(button.dataset.language);
      translate();
    });
  }
  byId('load-model').addEventListener('click', () => byId('model-file').click());
  byId('model-file').addEventListener('change', async ({target}) => {
    const [file] = target.files;
    if (file) await bytesOf(file).then((bytes) => useModel(file.name, bytes), showError);
    target.value = '';  // the same file can be chosen again
  });
  byId('save-model').addEventListener('click', () => download(app.network.save(), 'digits.model'));
  byId('measure').addEventListener('click', measureSpeed);
  byId('notice').lastElementChild.addEventListener('click', app.dismiss);
  addEventListener('keydown', ({key}) => key === 'Escape' && app.dismiss());
  addEventListener('beforeinput', acceptComma);
  acceptDrops(byId('drop-hint'), (dropped) => openFiles(dropped).catch(showError));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => shown.show());
}

function showView(name) {
  app.dismiss();
  shown?.hide();
  shown = views[name];
  shown.show();
}

async function startEngine() {
  let network;
  try {
    const {loadEngine} = await import('./backquery.js');
    const [engine, bytes] = await Promise.all([loadEngine(), app.file('digits.model')]);
    app.engine = engine;
    network = readModel(app, 'digits.model', bytes);
  } catch (error) {
    byId('model-sizes').textContent = app.t('engine.none');
    engineFailure = () => app.t('engine.failed', {reason: reasonOf(error)});
    showError({message: engineFailure()});
    return;
  }
  describeEngine();
  app.setNetwork(network);
  document.documentElement.dataset.ready = '';
}

for (const [name, create] of Object.entries(creators)) views[name] = create(byId(`view-${name}`), app);
document.querySelector('.needs-server').remove();
translate();
const tabs = createTabs(document.querySelector('[role=tablist]'), showView);
connectControls();
startEngine();
