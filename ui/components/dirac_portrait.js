// One portrait: choose game and penalty, a plane to press on, the distance from the goal, and what is said of both.

const KEY_STEP = 0.1;
const KEY_MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function newElement(tag, facts = {}, ...inside) {
  const element = Object.assign(document.createElement(tag), facts);
  element.append(...inside);
  return element;
}

function fillChoices(select, choices, chosen) {
  select.replaceChildren(...choices.map(([value, label]) => newElement("option", { value, textContent: label, selected: value === chosen })));
}

// `onChoose(names)` and `onRemove()` change the portrait, `onStart(place)` is called with [theta, psi].
function makePortrait({ number, onChoose, onRemove, onStart }) {
  const [game, penalty] = [newElement("select"), newElement("select")];
  const remove = newElement("button", { type: "button", textContent: "×" });
  const plane = newElement("canvas", { className: "gs-plane", tabIndex: 0 });
  const radii = newElement("canvas", { className: "gs-radii" });
  const radius = newElement("b");
  const radiusName = newElement("span");
  const sentence = newElement("p", { className: "gs-sentence", id: `gs-dirac-${number}` });
  const numbers = newElement("p", { className: "gs-numbers" });
  const head = newElement("header", {}, newElement("span", { className: "gs-choices" }, game, penalty), remove);
  const line = newElement("p", { className: "gs-radius" }, radiusName, " ", radius);
  const host = newElement("article", { className: "gs-portrait" }, head, plane, line, radii, sentence, numbers);
  plane.setAttribute("role", "application");
  plane.setAttribute("aria-describedby", sentence.id);
  radii.setAttribute("role", "img");
  const field = newCanvas(1, 1);
  let shown = null; // what was set last
  let fieldOf = null; // what `field` holds

  game.onchange = penalty.onchange = () => onChoose([game.value, penalty.value]);
  remove.onclick = onRemove;
  plane.onclick = ({ offsetX, offsetY }) => {
    const at = (pixel, whole) => Math.round(20 * ((2 * pixel) / whole - 1) * shown.reach) / 20; // round numbers make links one can read
    onStart([at(offsetX, plane.clientWidth), -at(offsetY, plane.clientHeight)]);
  };
  plane.onkeydown = (event) => {
    const move = KEY_MOVES[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onStart(shown.start.map((value, i) => value + KEY_STEP * move[i]));
  };

  function paint(step) {
    if (!shown) return;
    const fitted = fitCanvas(plane);
    if (fitted) {
      const { pen, side } = fitted;
      if (fieldOf !== shown || field.width !== side) {
        Object.assign(field, { width: side, height: side });
        paintField(field.getContext("2d"), side, shown);
        fieldOf = shown;
      }
      pen.drawImage(field, 0, 0);
      paintPath(pen, side, { ...shown, step });
    }
    paintRadii(radii, { ...shown, step });
    const text = shown.formats.radius(shown.radii[step]);
    if (radius.textContent !== text) radius.textContent = text;
  }

  // `next`: a portrait's data, with reach, span, start, colours, family, words, formats; start again with each drawing.
  function set(next, { games, penalties, alone }) {
    shown = next;
    const { words, formats } = next;
    const place = { theta: formats.two.format(next.start[0]), psi: formats.two.format(next.start[1]) };
    fillChoices(game, Object.keys(games).map((name) => [name, name]), next.game);
    fillChoices(penalty, Object.keys(penalties).map((name) => [name, name]), next.penalty);
    game.title = games[next.game];
    penalty.title = penalties[next.penalty];
    game.setAttribute("aria-label", words.game);
    penalty.setAttribute("aria-label", words.penalty);
    remove.setAttribute("aria-label", words.remove);
    remove.title = words.remove;
    remove.hidden = alone;
    plane.setAttribute("aria-label", filled(words.plane_alt, { game: next.game, penalty: next.penalty, ...place }));
    radii.setAttribute("aria-label", words.radii_alt);
    radiusName.textContent = words.radius;
    sentence.textContent = next.sentence;
    numbers.textContent = next.numbers;
    host.dataset.kind = next.kind;
  }

  return { host, set, paint, moveStart: (start) => (shown = { ...shown, start }), focus: () => plane.focus() };
}
