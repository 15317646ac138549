// Favourites of this run: keeping the image that is shown, and coming back to those that were kept.

const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

// `send(command)` tells the page, which keeps them on disk.
function makeKeep({ root, place, send }) {
  const panel = root.querySelector("[data-panel=kept]");
  const list = panel.querySelector(".ex-kept");
  const none = panel.querySelector("[data-slot=none_kept]");
  let words = {};

  function card({ id, name, note, picture, z, label }) {
    const item = list.appendChild(document.createElement("li"));
    item.innerHTML = '<button type="button" class="ex-photo"><img alt=""></button><input type="text" maxlength="80"><small></small><button type="button" class="ex-drop">×</button>';
    const [photo, input, caption, drop] = item.children;
    photo.firstElementChild.src = picture;
    photo.setAttribute("aria-label", filled(words.go_kept, { name: name || note }));
    photo.onclick = () => place.goGiven(Float32Array.from(z), label);
    Object.assign(input, { value: name, placeholder: words.name });
    input.setAttribute("aria-label", words.name);
    input.onchange = () => send({ name: "rename", id, title: input.value.trim() });
    caption.textContent = note;
    drop.setAttribute("aria-label", filled(words.drop_kept, { name: name || note }));
    drop.title = words.drop;
    drop.onclick = () => send({ name: "forget", id });
  }

  return {
    panel,
    // The image that is shown, as a command.
    keep({ pictures, verdict, step }, { at, weights, labels, given }) {
      send({
        name: "keep",
        step,
        weights: at === null ? weights : "averaged",
        z: textOf(given),
        label: labels ? labels[0] : -1,
        verdict: verdict ? Number(verdict.values[0].toPrecision(6)) : "",
        picture: base64(pictures.values),
      });
    },
    show(favourites, nextWords) {
      words = nextWords;
      list.replaceChildren();
      favourites.forEach(card);
      none.hidden = favourites.length > 0;
    },
  };
}
