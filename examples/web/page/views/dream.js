// Dream: images from the network. Backquery for any mixture of digits, a morph, and a drawing that becomes
// another digit by gradient steps.
import {Dreaming} from '../dreaming.js';
import {Portrait} from '../portrait.js';

export function createView(section, app) {
  const portrait = new Portrait(app);
  const dreaming = new Dreaming(app);
  section.append(portrait.element, dreaming.element);
  let drawing;  // with which the view was shown
  return {
    show() {
      if (drawing !== app.drawing || !dreaming.current) {
        drawing = app.drawing;
        dreaming.reset();
      }
      this.translate();
      dreaming.paint();
    },
    hide() {
      portrait.animation.stop();
      dreaming.animation.stop();
    },
    networkChanged() {
      portrait.refresh();
      dreaming.reset();
    },
    translate() {
      portrait.translate();
      dreaming.translate();
    },
  };
}
