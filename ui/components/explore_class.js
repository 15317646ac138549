// Which class the generator is asked for, in a run whose players are told one: a tile for each, all drawn from the present z, or a
// list where there are many.

const TILES_TO = 24; // classes that have tiles, at most

function makeClassChoice({ root, place }) {
  const box = root.querySelector(".ex-classes");
  const hint = root.querySelector("[data-slot=class_hint]");
  let [told, names, words] = [false, [], {}];
  let choices = []; // { button, tiles } of each class; none where there is a list
  let list = null;
  let shown = -1;

  function choose(label, focus = false) {
    if (label !== place.label) place.setLabel(label);
    if (focus) choices[label].button.focus();
  }

  function press(event, label) {
    const last = names.length - 1;
    const to = { ArrowRight: label + 1, ArrowDown: label + 1, ArrowLeft: label - 1, ArrowUp: label - 1, Home: 0, End: last }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    choose((to + names.length) % names.length, true);
  }

  function choiceOf(name, label) {
    const button = box.appendChild(document.createElement("button"));
    Object.assign(button, { type: "button", onclick: () => choose(label), onkeydown: (event) => press(event, label) });
    button.setAttribute("role", "radio");
    button.innerHTML = '<canvas aria-hidden="true"></canvas><span></span>';
    const [canvas, caption] = button.children;
    caption.textContent = name;
    return { button, tiles: makeTiles(canvas, { across: 1, gap: 0 }) };
  }

  function fill() {
    box.replaceChildren();
    [choices, list, shown] = [[], null, -1];
    box.parentElement.hidden = !names.length;
    if (names.length <= TILES_TO) choices = names.map(choiceOf);
    else {
      list = box.appendChild(document.createElement("select"));
      list.append(...names.map((name, label) => new Option(name, label)));
      list.onchange = () => choose(Number(list.value));
    }
    box.setAttribute("role", list ? "group" : "radiogroup");
  }

  function show() {
    const fresh = shown !== place.label;
    shown = place.label;
    hint.textContent = words[list ? "class_list" : "class_tiles"];
    choices.forEach(({ button }, label) => {
      button.setAttribute("aria-checked", label === shown);
      button.tabIndex = label === shown ? 0 : -1;
      button.title = filled(words.class_of, { name: names[label] });
    });
    const chosen = choices[shown]?.button;
    if (chosen && fresh) box.scrollLeft = chosen.offsetLeft - box.offsetLeft - (box.clientWidth - chosen.offsetWidth) / 2; // in a hand the row is longer
    if (!list) return;
    list.value = shown;
    list.setAttribute("aria-label", words.class);
  }

  return {
    box,
    get told() {
      return told;
    },
    // What every ask says of it.
    get labels() {
      return told ? [place.label] : null;
    },
    // A run that has just begun has classes nobody knows the names of yet.
    get unnamed() {
      return told && !names.length;
    },
    get count() {
      return choices.length;
    },
    // Whether it is another class than before, which is shown from now on.
    turned() {
      if (shown === place.label) return false;
      show();
      return true;
    },
    take: ({ pictures }) => choices.forEach(({ tiles }, label) => tiles.paint(pictureAt(pictures, label))),
    clear: () => choices.forEach(({ tiles }) => tiles.clear()),
    again: () => choices.forEach(({ tiles }) => tiles.again()),
    update(data, nextWords) {
      const same = names.join("\n") === data.classes.join("\n");
      [told, names, words] = [data.told, data.classes, nextWords];
      if (!same) fill();
      show();
    },
  };
}
