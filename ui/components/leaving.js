// From one page to the next: what would keep the browser from showing the next one waits.

const LEAVING_MS = 1000;

// Whether somebody has just pressed a page's name in the menu: one more drawing of this page would only delay the next.
function makeLeaving() {
  let until = 0;
  const look = ({ target }) => {
    if (target.closest?.("[data-testid=stSidebarNav] a")) until = performance.now() + LEAVING_MS;
  };
  document.addEventListener("click", look, true);
  return { now: () => performance.now() < until, destroy: () => document.removeEventListener("click", look, true) };
}

// Once the browser has shown what there is: a callback of requestAnimationFrame alone still comes before it.
const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
