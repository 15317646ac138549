// Figures of merit under the curves: three numbers beside what reals get, and which classes the fakes are taken for.

const SHOWN = 3;
const TEXT_UNDER_BARS = 12; // more bars than this are too narrow for a name each

function makeScores(root) {
  const place = (name) => root.querySelector(`[data-scores=${name}]`);
  const [when, figures, bars] = [place("when"), place("figures"), place("bars")];
  let words = {};
  let formats = {};
  let metrics = {};
  let scores = null;

  const judgeOf = (name) => words[name.replace(" ", "_").toLowerCase()] ?? name;

  function valueText(metric, value) {
    if (value == null) return "–";
    if (metric.unit === "%") return formats.share.format(value);
    const nothing = value !== 0 && Math.abs(value) < 1e-3; // three digits of it would tell nobody anything
    return (metric.unit ? formats.whole : nothing ? formats.two : formats.rate).format(value);
  }

  function cell(name, figure) {
    const metric = metrics[name];
    const element = document.createElement("div");
    element.className = "gs-score";
    element.title = `${metric.help} ${metric.good}`;
    for (const [tag, text] of [
      ["dt", filled(metric.label, { judge: judgeOf(scores?.judge ?? "own CNN") })],
      ["dd", valueText(metric, figure?.value)],
      ["dd", filled(words.score_floor, { value: valueText(metric, figure?.floor) })],
    ]) {
      element.append(Object.assign(document.createElement(tag), { textContent: text }));
    }
    return element;
  }

  function bar(name, share, real, most) {
    const element = document.createElement("div");
    const missing = share < 0.1 / scores.shares.length;
    element.className = "gs-bar";
    element.dataset.missing = missing;
    element.title = filled(words.score_share, { name, share: formats.share.format(share), real: formats.share.format(real) });
    const column = document.createElement("span");
    const [fill, mark] = [document.createElement("i"), document.createElement("u")];
    fill.style.height = `${(100 * share) / most}%`;
    mark.style.bottom = `${(100 * real) / most}%`;
    column.append(fill, mark);
    const under = scores.shares.length > TEXT_UNDER_BARS ? "" : name.replace(/^mode /, "");
    element.append(column, Object.assign(document.createElement("small"), { textContent: missing ? `✕ ${under}` : under }));
    return element;
  }

  function draw() {
    const names = Object.keys(scores?.figures ?? metrics).filter((name) => name in metrics).slice(0, SHOWN);
    figures.replaceChildren(...names.map((name) => cell(name, scores?.figures[name])));
    const facts = scores && { step: formats.whole.format(scores.step), count: formats.whole.format(scores.count) };
    when.textContent = facts ? filled(words.score_when, facts) : words.score_wait;
    const right = scores?.accuracy == null ? "" : formats.share.format(scores.accuracy);
    when.title = right ? filled(words.score_judge, { right }) : "";
    const shares = scores?.shares ?? [];
    const most = Math.max(...shares, ...(scores?.floor_shares ?? []), 1e-9);
    bars.replaceChildren(...shares.map((share, index) => bar(scores.classes[index], share, scores.floor_shares[index], most)));
    bars.setAttribute("aria-label", [words.score_bars, ...[...bars.children].map((child) => child.title)].join(" "));
    root.dataset.scoresStep = scores?.step ?? "";
  }

  return {
    take(next) {
      scores = next;
      draw();
    },
    setWords(nextWords, nextFormats, data) {
      [words, formats, metrics] = [nextWords, nextFormats, data.metrics];
      draw();
    },
    clear() {
      if (scores) this.take(null);
    },
  };
}
