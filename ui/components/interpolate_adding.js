// Where key frames come from: chance, a seed, the run's samples, its favourites, a link of the Explore page.

const POOL = 64;

// A canvas of images, one of which is chosen by pointer or keys; `onPick` where it is pressed, `onMove` where another is chosen.
function makeChooser({ box, onPick, onMove = () => {} }) {
  const canvas = box.querySelector("canvas");
  const ring = box.querySelector("i");
  let across = ACROSS;
  let at = 0;

  function choose(index) {
    at = index;
    ring.style.transform = `translate(${(index % across) * 100}%, ${Math.floor(index / across) * 100}%)`;
    ring.style.width = ring.style.height = `${100 / across}%`;
    onMove(index);
  }

  function under({ clientX, clientY }) {
    const edge = canvas.getBoundingClientRect();
    const place = (offset, length) => Math.max(0, Math.min(across - 1, Math.floor((offset / length) * across)));
    return place(clientY - edge.top, edge.height) * across + place(clientX - edge.left, edge.width);
  }

  canvas.onpointermove = (event) => event.pointerType === "mouse" && choose(under(event));
  canvas.onclick = (event) => {
    choose(under(event));
    onPick(at);
  };
  canvas.onkeydown = (event) => {
    const next = steered(event.key, at, { count: across * across, across });
    if (next === null && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (next === null) onPick(at);
    else choose(next);
  };
  return {
    canvas,
    get at() {
      return at;
    },
    setAcross(next) {
      if (across === next) return;
      across = next;
      choose(0);
    },
    choose,
  };
}

function makeAdding({ root, add, say, onOpen, kinds }) {
  const find = (selector) => root.querySelector(selector);
  let facts = {};
  let words = {};
  let kept = "";
  const pool = makeChooser({ box: find("[data-drawer=samples] .gs-pool"), onPick: (index) => add(`i${index}`), onMove: tellSample });
  pool.choose(0);

  function tellSample(index) {
    if (words.name_sample) find("[data-slot=sample]").textContent = filled(words.name_sample, { number: index + 1 });
  }

  // A seed's z joins the walk in the class where the walk has come to.
  const addSeed = (seed) => add(kinds.put(`s${seed}`, facts.kind));

  const isOpen = (name) => !find(`[data-drawer=${name}]`).hidden;

  function toggle(name) {
    for (const drawer of root.querySelectorAll("[data-drawer]")) {
      drawer.hidden = drawer.dataset.drawer !== name || !drawer.hidden;
      find(`[data-open=${drawer.dataset.drawer}]`).setAttribute("aria-expanded", String(!drawer.hidden));
    }
    onOpen();
  }

  for (const opener of root.querySelectorAll("[data-open]")) opener.onclick = () => toggle(opener.dataset.open);
  find("[data-do=random]").onclick = () => addSeed(Math.floor(Math.random() * 1e6));
  find("[data-form=seed]").onsubmit = (event) => {
    event.preventDefault();
    const text = event.target.querySelector("input").value.trim();
    if (!/^\d{1,6}$/.test(text)) return say(words.seed_wrong);
    if (addSeed(Number(text))) event.target.querySelector("input").value = String(Number(text) + 1);
    return undefined;
  };
  find("[data-form=pasted]").onsubmit = (event) => {
    event.preventDefault();
    const key = pastedKey(event.target.querySelector("input").value, facts, kinds);
    if (!key) return say(filled(words.pasted_wrong, { count: facts.dim }));
    if (add(key)) event.target.querySelector("input").value = "";
    return undefined;
  };

  function showKept() {
    const wanted = JSON.stringify([facts.favourites, words.favourite]);
    if (wanted === kept) return;
    kept = wanted;
    find("[data-slot=favourites]").textContent = facts.favourites.length ? "" : words.favourites_none;
    const buttons = facts.favourites.map(({ name, key }) => {
      const made = Object.assign(document.createElement("button"), { type: "button", title: name, onclick: () => add(key) });
      made.setAttribute("aria-label", filled(words.favourite, { name }));
      made.append(document.createElement("canvas"), Object.assign(document.createElement("small"), { textContent: name }));
      return made;
    });
    find(".gs-kept").replaceChildren(...buttons);
  }

  return {
    isOpen,
    // What is drawn for the drawers that are open: lane -> keys.
    get wishes() {
      const all = { samples: range(POOL).map((i) => `i${i}`), favourites: (facts.favourites ?? []).map(({ key }) => key) };
      return Object.fromEntries(Object.entries(all).filter(([name, keys]) => keys.length && isOpen(name)));
    },
    show(nextFacts, nextWords) {
      [facts, words] = [nextFacts, nextWords];
      pool.canvas.setAttribute("aria-label", words.samples_alt);
      showKept();
    },
    paint(lane, pictures) {
      find(`[data-drawer=${lane}]`).dataset.drawn = pictures.shape[0];
      if (lane === "samples") return paintGrid(pool.canvas, sheetOf(pictures));
      return root.querySelectorAll(".gs-kept canvas").forEach((canvas, i) => i < pictures.shape[0] && paintTile(canvas, sheetOf(pictureOf(pictures, i)), 0));
    },
  };
}
