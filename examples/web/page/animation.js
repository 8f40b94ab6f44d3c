// Animations, and the system's setting for reduced motion.

/** matches: the system asks for reduced motion. */
export const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** Calls step(seconds since the last call) in each frame until it returns false. */
export class Animation {
  #frame = 0;

  constructor(step, stopped) {
    this.step = step;
    this.stopped = stopped;
  }

  get running() { return this.#frame !== 0; }

  start() {
    let before = performance.now();
    const tick = (now) => {
      const more = this.step((now - before) / 1000);
      before = now;
      if (more)
        this.#frame = requestAnimationFrame(tick);
      else
        this.stop();
    };
    this.#frame ||= requestAnimationFrame(tick);
  }

  stop() {
    if (!this.running) return;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.stopped();
  }
}
