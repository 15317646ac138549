// The tour: a ring around a part of the page and a card beside it. The page stays usable: the tour never blocks a click.

const REMEMBERED = "ganscope.tour";
const MARGIN = 12;

function wasSeen() {
  try {
    return Boolean(localStorage.getItem(REMEMBERED));
  } catch {
    return true; // a browser that keeps nothing would be shown around at each visit
  }
}

function remember() {
  try {
    localStorage.setItem(REMEMBERED, "seen");
  } catch {
    // Nothing to be done, and no reason to stop.
  }
}

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function makeTour(root) {
  const ring = element("div", "gs-tour-ring");
  const card = element("section", "gs-tour-card");
  const title = element("h2", "");
  const text = element("p", "");
  const foot = element("div", "gs-tour-foot");
  const place = element("small", "");
  const skip = Object.assign(element("button", "gs-tour-skip"), { type: "button" });
  const back = Object.assign(element("button", ""), { type: "button" });
  const next = Object.assign(element("button", "gs-tour-go"), { type: "button" });
  card.setAttribute("role", "dialog");
  text.setAttribute("aria-live", "polite");
  foot.append(place, skip, back, next);
  card.append(title, text, foot);
  let data = { stops: [], words: {}, asked: 0 };
  let step = -1;
  let timer = 0;

  // A part of the page that is there and has a size.
  function target(index) {
    const found = [...document.querySelectorAll(data.stops[index]?.target ?? "none")];
    return found.find((part) => part.getBoundingClientRect().height > 0);
  }

  // A small part in the middle of the window, so that its ring is seen whole; of a tall one what there is room for.
  function bringIntoView(part) {
    const { top, bottom, height } = part?.getBoundingClientRect() ?? {};
    if (top < 2 * MARGIN || bottom > window.innerHeight) part.scrollIntoView({ block: height < window.innerHeight / 2 ? "center" : "nearest" });
  }

  // Right of it, below it or above it, whichever has room; over its lower edge if nothing has.
  function arrange() {
    const part = target(step);
    ring.hidden = !part;
    const { width, height } = card.getBoundingClientRect();
    const [wide, high] = [window.innerWidth, window.innerHeight];
    let [left, top] = [(wide - width) / 2, (high - height) / 2];
    if (part) {
      const box = part.getBoundingClientRect();
      Object.assign(ring.style, { left: `${box.left - 6}px`, top: `${box.top - 6}px`, width: `${box.width + 12}px`, height: `${box.height + 12}px` });
      left = box.left;
      if (box.bottom + MARGIN + height < high) top = box.bottom + MARGIN;
      else if (box.right + MARGIN + width < wide) [left, top] = [box.right + MARGIN, box.top];
      else if (box.left - MARGIN - width > 0) [left, top] = [box.left - MARGIN - width, box.top];
      else if (box.top - MARGIN - height > 0) top = box.top - MARGIN - height;
      else top = Math.min(box.bottom, high) - height - MARGIN;
    }
    card.style.left = `${Math.max(MARGIN, Math.min(left, wide - width - MARGIN))}px`;
    card.style.top = `${Math.max(MARGIN, Math.min(top, high - height - MARGIN))}px`;
  }

  // What lies ahead may not be on the page yet: then the card waits for it, and goes on by itself after Start.
  function watch() {
    const ahead = step + 1 < data.stops.length && !target(step + 1);
    next.disabled = ahead;
    next.title = ahead ? data.words.first : "";
    if (step === 1 && next.dataset.waits === "true" && !ahead) show(2);
    next.dataset.waits = String(ahead);
    arrange();
  }

  function show(index) {
    step = index;
    const last = index === data.stops.length - 1;
    const { words } = data;
    title.textContent = data.stops[index].title;
    text.textContent = data.stops[index].text;
    place.textContent = words.place.replace("{step}", index + 1).replace("{count}", data.stops.length);
    Object.assign(skip, { textContent: words.skip, hidden: last });
    Object.assign(back, { textContent: words.back, hidden: index === 0 });
    next.textContent = last ? words.done : words.next;
    card.setAttribute("aria-label", words.label);
    bringIntoView(target(index));
    watch();
  }

  function open() {
    dress();
    document.body.append(ring, card);
    show(0);
    clearInterval(timer);
    timer = setInterval(watch, 250);
    next.focus({ preventScroll: true });
  }

  function close() {
    clearInterval(timer);
    timer = 0;
    step = -1;
    ring.remove();
    card.remove();
    remember();
  }

  // Outside the component there are none of Streamlit's variables, so the colours are taken along.
  function dress() {
    const style = getComputedStyle(root);
    const colours = { primary: "primary-color", text: "text-color", background: "background-color", border: "border-color" };
    for (const part of [ring, card]) {
      for (const [name, source] of Object.entries(colours)) part.style.setProperty(`--gs-tour-${name}`, style.getPropertyValue(`--st-${source}`));
      part.style.setProperty("--gs-tour-on-primary", "white");
      part.style.fontFamily = style.getPropertyValue("--st-font");
    }
  }

  const onKey = ({ key }) => key === "Escape" && step >= 0 && close();
  const onMove = () => step >= 0 && arrange();
  skip.onclick = close;
  back.onclick = () => show(step - 1);
  next.onclick = () => (step === data.stops.length - 1 ? close() : show(step + 1));
  document.addEventListener("keydown", onKey);
  window.addEventListener("scroll", onMove, true);
  window.addEventListener("resize", onMove);

  let opened = false;
  return {
    update(given) {
      const again = opened && given.asked > data.asked;
      const first = !opened && (given.asked > 0 || !wasSeen());
      data = given;
      opened = true;
      if (again || first) open();
      else if (step >= 0) show(step);
    },
    destroy() {
      clearInterval(timer);
      ring.remove();
      card.remove();
      document.removeEventListener("keydown", onKey);
      window.removeEventListener("scroll", onMove, true);
      window.removeEventListener("resize", onMove);
    },
  };
}

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".gs-tour");
  root.gsTour ??= makeTour(root);
  root.gsTour.update(data);
  return () => {
    root.gsTour?.destroy();
    delete root.gsTour;
  };
}
