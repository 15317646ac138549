// The key frames as a row of cards: looked at, moved by dragging, by buttons or by keys, removed.

function makeCards({ list, act, kinds }) {
  let keys = [];
  let words = {};
  let pictures = new Map(); // key -> picture
  let drawn = "";
  let dragged = null;
  let focus = null; // the card that has the focus after the next drawing

  const nameOf = (key) => {
    const number = Number(key.slice(1).split(".")[0]);
    return key[0] === "s" ? filled(words.name_seed, { number }) : key[0] === "i" ? filled(words.name_sample, { number: number + 1 }) : words.name_own;
  };

  function move(from, to) {
    if (to < 0 || to >= keys.length || from === to) return;
    focus = to;
    act.move(from, to);
  }

  function remove(index) {
    focus = Math.max(0, Math.min(index, keys.length - 2));
    act.remove(index);
  }

  function press(event, index) {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") remove(index);
    else if (by && event.altKey) move(index, index + by);
    else if (by && !event.ctrlKey && !event.metaKey) list.children[index + by]?.querySelector("button").focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function dragging(card, index) {
    card.draggable = true;
    card.ondragstart = (event) => {
      dragged = index;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", keys[index]);
    };
    card.ondragover = (event) => {
      if (dragged === null) return;
      event.preventDefault();
      card.dataset.over = dragged < index ? "after" : dragged > index ? "before" : "";
    };
    card.ondragleave = () => delete card.dataset.over;
    card.ondragend = () => (dragged = null);
    card.ondrop = (event) => {
      event.preventDefault();
      delete card.dataset.over;
      if (dragged !== null) move(dragged, index);
      dragged = null;
    };
  }

  function button(text, label, onclick, disabled = false) {
    const made = Object.assign(document.createElement("button"), { type: "button", textContent: text, title: label, onclick, disabled });
    made.setAttribute("aria-label", label);
    return made;
  }

  function cardOf(key, index) {
    const card = document.createElement("li");
    card.dataset.key = key;
    const number = index + 1;
    const kind = kinds.of(key);
    const name = kinds.told ? `${nameOf(key)}, ${kinds.nameOf(kind)}` : nameOf(key);
    const alt = filled(words.key_alt, { number, count: keys.length, name });
    const thumb = button("", alt, () => act.show(index));
    thumb.className = "gs-thumb";
    thumb.title = nameOf(key);
    thumb.setAttribute("aria-keyshortcuts", "Alt+ArrowLeft Alt+ArrowRight Delete");
    thumb.onkeydown = (event) => press(event, index);
    thumb.append(document.createElement("canvas"), Object.assign(document.createElement("b"), { textContent: number }));
    const caption = Object.assign(document.createElement("small"), { textContent: nameOf(key) });
    const tools = document.createElement("span");
    tools.append(
      button("‹", filled(words.earlier, { number }), () => move(index, index - 1), index === 0),
      button("×", filled(words.remove, { number }), () => remove(index)),
      button("›", filled(words.later, { number }), () => move(index, index + 1), number === keys.length),
    );
    card.append(thumb, caption);
    if (kinds.names.length) card.append(classSelect(kind, kinds, { label: filled(words.class_of, { number }), onChoose: (next) => act.ask(index, next) }));
    card.append(tools);
    dragging(card, index);
    return card;
  }

  function paint() {
    [...list.children].forEach((card) => {
      const picture = pictures.get(card.dataset.key);
      if (picture) paintTile(card.querySelector("canvas"), sheetOf(picture), 0);
      card.dataset.drawn = String(Boolean(picture));
    });
  }

  return {
    nameOf,
    paint,
    show(nextKeys, nextWords) {
      [keys, words] = [nextKeys, nextWords];
      const wanted = JSON.stringify([keys, words.key_alt, kinds.names]);
      if (wanted === drawn) return;
      const had = list.contains(document.activeElement) ? [...list.children].findIndex((card) => card.contains(document.activeElement)) : null;
      const what = document.activeElement?.matches("select") ? "select" : "button";
      drawn = wanted;
      list.replaceChildren(...keys.map(cardOf));
      const to = had === null ? null : (focus ?? had);
      if (to !== null) list.children[Math.min(to, keys.length - 1)]?.querySelector(what).focus();
      focus = null;
      paint();
    },
    setPictures(next) {
      pictures = next;
      paint();
    },
  };
}
