// A − B + C with pictures: what A has and B has not, put onto C.

const LETTERS = ["A", "B", "C"];

function makeSums({ root, onChange, add, kinds }) {
  const box = root.querySelector(".gs-sums");
  const normal = box.querySelector("[data-sums=normal]");
  const places = LETTERS.map(() => document.createElement("label"));
  const selects = LETTERS.map(() => document.createElement("select"));
  const result = document.createElement("figure");
  const picks = [0, 1, 2];
  let words = {};
  let sum = null;
  let kind = []; // what the sum is asked to be: as C is
  let pictures = null;
  let fresh = true;

  places.forEach((place, i) => {
    place.append(document.createElement("canvas"), Object.assign(document.createElement("span"), { textContent: LETTERS[i] }), selects[i]);
    selects[i].onchange = () => {
      picks[i] = Number(selects[i].value);
      onChange();
    };
  });
  result.append(document.createElement("canvas"), document.createElement("figcaption"));
  const sign = (text) => Object.assign(document.createElement("b"), { textContent: text });
  box.querySelector(".gs-equation").append(places[0], sign("−"), places[1], sign("+"), places[2], sign("="), result);
  normal.onchange = onChange;
  box.ontoggle = onChange;
  box.querySelector("[data-sums=add]").onclick = () => sum && add(kinds.put(keyOfZ(sum), kind));

  function paint() {
    if (pictures) paintTile(result.querySelector("canvas"), sheetOf(pictures), 0);
  }

  return {
    paint,
    show(count, nextWords) {
      words = nextWords;
      if (fresh && count) range(3).forEach((i) => (picks[i] = i % count));
      fresh &&= !count;
      fillPicks(selects, picks, count, words);
      selects.forEach((select, i) => select.setAttribute("aria-label", filled(words.sum_of, { letter: LETTERS[i] })));
      result.querySelector("figcaption").textContent = words.sum_result;
      normal.parentElement.title = words.normal_help;
    },
    // The pictures of the three keys, as they are drawn in the cards.
    paintKeys(keys, drawn) {
      places.forEach((place, i) => {
        const picture = drawn.get(keys[picks[i]]);
        if (picture) paintTile(place.querySelector("canvas"), sheetOf(picture), 0);
      });
    },
    // The z of the sum and its kind; null while it is not shown, or there are too few keys.
    wish(zs, keyKinds, formats) {
      if (!box.open || zs.length < 2) return null;
      const usual = Math.sqrt(zs[0].length);
      kind = keyKinds[picks[2]];
      sum = sumOf(...picks.map((index) => zs[index]), normal.checked ? usual : null);
      const [length, often] = [lengthOf(sum), usual].map((value) => formats.one.format(value));
      box.querySelector("[data-slot=length]").textContent = filled(words.sum_length, { length, usual: often });
      return { signature: [picks, normal.checked].join(), rows: [sum], blends: [kind] };
    },
    take(next) {
      pictures = next;
      box.dataset.drawn = "true";
      paint();
    },
  };
}
