// Tabs: the pattern of the ARIA Authoring Practices Guide, with automatic activation and deep links.

/** Shows the panel of the tab that the address names, and calls shown(name) for each change. */
export function createTabs(tablist, shown) {
  const tabs = [...tablist.querySelectorAll('[role=tab]')];
  const panelOf = (tab) => document.getElementById(tab.getAttribute('aria-controls'));
  const nameOf = (tab) => tab.getAttribute('href').slice(1);
  let current = null;

  function select(tab) {
    if (tab === current) return;
    current = tab;
    for (const other of tabs) {
      other.setAttribute('aria-selected', String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
      panelOf(other).hidden = other !== tab;
    }
    shown(nameOf(tab));
  }

  function go(tab) {
    if (tab !== current) history.pushState(null, '', `#${nameOf(tab)}`);
    select(tab);
  }

  const fromAddress = () => select(tabs.find((tab) => nameOf(tab) === location.hash.slice(1)) ?? tabs[0]);

  tablist.addEventListener('click', (event) => {
    const tab = event.target.closest('[role=tab]');
    if (!tab || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(tab);
  });
  tablist.addEventListener('keydown', (event) => {
    const index = tabs.indexOf(event.target);
    const next = {
      ArrowRight: index + 1,
      ArrowLeft: index - 1 + tabs.length,
      Home: 0,
      End: tabs.length - 1,
      ' ': index,
    }[event.key];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const tab = tabs[next % tabs.length];
    tab.focus();
    go(tab);
  });
  addEventListener('popstate', fromAddress);
  addEventListener('hashchange', fromAddress);
  fromAddress();
  return {go: (name) => go(tabs.find((tab) => nameOf(tab) === name))};
}
