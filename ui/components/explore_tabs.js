// Tabs: what else there is to see of the present point, one at a time; only the open one asks the network for anything.

function makeTabs({ root, onOpen }) {
  const bar = root.querySelector(".ex-tabs");
  const tabs = [...bar.querySelectorAll("[role=tab]")];
  const panelOf = (tab) => root.querySelector(`[data-panel=${tab.dataset.tab}]`);
  let open = "";

  function choose(name) {
    open = name;
    root.dataset.tab = name;
    for (const tab of tabs) {
      const on = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", on);
      tab.tabIndex = on ? 0 : -1;
      panelOf(tab).dataset.open = on;
    }
    onOpen(name);
  }

  const offered = () => tabs.filter((tab) => tab.offsetParent !== null);

  bar.addEventListener("click", ({ target }) => {
    const tab = target.closest("[role=tab]");
    if (tab) choose(tab.dataset.tab);
  });
  bar.addEventListener("keydown", (event) => {
    const here = offered();
    const last = here.length - 1;
    const now = here.findIndex((tab) => tab.dataset.tab === open);
    const next = { ArrowRight: now === last ? 0 : now + 1, ArrowLeft: now <= 0 ? last : now - 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(here[next].dataset.tab);
    here[next].focus();
  });
  for (const tab of tabs) {
    tab.id = `ex-tab-${tab.dataset.tab}`;
    const panel = panelOf(tab);
    panel.id = `ex-panel-${tab.dataset.tab}`;
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("aria-labelledby", tab.id);
  }

  return {
    choose,
    get open() {
      return open;
    },
    // A window that grew has no tab for what now stands beside the pad.
    check() {
      const here = offered();
      if (here.length && !here.some((tab) => tab.dataset.tab === open)) choose(here[0].dataset.tab);
    },
  };
}
