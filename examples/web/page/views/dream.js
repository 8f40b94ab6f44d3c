export function createView(section, app) {
  return {show() {}, hide() {}, networkChanged() {}};
}
