// The language of the page.
import {strings} from './strings.js';

const storageKey = 'backquery.language';

function remembered() {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;  // storage is blocked
  }
}

export class Language {
  constructor() {
    const known = (navigator.languages ?? [])
                      .map((tag) => tag.slice(0, 2).toLowerCase())
                      .filter((code) => strings[code]);
    this.code = strings[remembered()] ? remembered() : known[0] ?? 'en';
  }

  set(code) {
    this.code = code;
    try {
      localStorage.setItem(storageKey, code);
    } catch {
      // storage is blocked: the choice lasts until the page is closed
    }
  }

  /** The string of a key. `{name}` in it becomes values.name. */
  t(key, values = {}) {
    const text = strings[this.code][key];
    if (text === undefined) throw new Error(`strings.js has no "${key}"`);
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  /** Fills the elements that have data-t (text) or data-t-label (aria-label). */
  translate(root) {
    for (const target of root.querySelectorAll('[data-t]')) target.textContent = this.t(target.dataset.t);
    for (const target of root.querySelectorAll('[data-t-label]')) {
      target.setAttribute('aria-label', this.t(target.dataset.tLabel));
    }
    document.documentElement.lang = this.code === 'zh' ? 'zh-Hans' : 'en';
    document.title = this.t('page.title');
  }
}
