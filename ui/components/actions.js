// What keys and buttons of the view do: move through time by ourselves, ask the page for everything else.

const AT_WORK = ["preparing", "running", "paused"];

// Returns what carries out an action by its name; true where the action was one.
function makeActions({ timeline, moments, closer, say, send, facts }) {
  function controlled(command) {
    const { data, words, state } = facts();
    if (!AT_WORK.includes(state)) say.notice(words.not_at_work);
    else if (!data.may_control) say.notice(words.no_control);
    else send(command);
  }

  function play(player) {
    if (timeline.step !== null) timeline.seek(null); // what it moves is to be seen
    controlled({ name: "step", player });
  }

  const actions = {
    toggle: () => controlled({ name: "toggle" }),
    both: () => play("both"),
    critic: () => play("critic"),
    generator: () => play("generator"),
    back: () => timeline.move(-1),
    forth: () => timeline.move(1),
    first: () => timeline.seekIndex(0),
    now: () => timeline.seek(null),
    fork: () => send({ name: "fork", step: moments.forkOf(timeline.step ?? facts().latest.place?.step ?? 0) }),
    projector: () => send({ name: "projector", on: !facts().data.projector }),
    leave: () => closer.close() || (facts().data.projector && actions.projector()),
  };
  return (name) => {
    const done = actions[name]();
    return name !== "leave" || Boolean(done);
  };
}

// The view alone: large where the window has room for it, else to scroll.
function projection(on) {
  const large = window.matchMedia("(min-width: 760px) and (min-height: 560px)").matches;
  return on ? (large ? "true" : "small") : "false";
}

function showAllWords(root, { words, kind, pictures }) {
  const find = (selector) => root.querySelector(selector);
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
  for (const name of ["living", "averaged"]) {
    Object.assign(find(`[data-weights=${name}]`), { textContent: words[name], title: words[`${name}_help`] });
  }
  find(".gs-switch").setAttribute("aria-label", words.weights);
  find(".gs-tools input").setAttribute("aria-label", words.smoothing);
  find("[data-tool=log]").textContent = words.log_scale;
  find("[data-tool=reset]").textContent = words.reset_zoom;
  find("[data-time=leave]").textContent = words.leave;
  find(".gs-closer").setAttribute("aria-label", words.closer);
  pictures.fakes.setAttribute("aria-label", kind === "plane" ? words.plane_alt : words.fakes_alt);
  pictures.reals.setAttribute("aria-label", words.reals_alt);
  find(".gs-plot").setAttribute("aria-label", words.curves_alt);
}

function showChoices(root, preferences, formats) {
  for (const button of root.querySelectorAll("[data-weights]")) {
    button.setAttribute("aria-pressed", String(button.dataset.weights === preferences.weights));
  }
  root.querySelector("[data-tool=log]").setAttribute("aria-pressed", String(preferences.log));
  root.querySelector(".gs-tools input").value = preferences.smoothing;
  root.querySelector(".gs-tools output").textContent = formats.two.format(preferences.smoothing);
}
