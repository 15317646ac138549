// Which class each key is asked to be, in a run whose players are told one: in the key's own text, behind a dot. ".3" is the fourth
// class, ".3-250.7-750" a blend in thousandths; a key that says nothing is of its sample's class, or of the first one.

const MOST_BLENDED = 4; // classes that a server takes for one z

// A kind is [[class, share], …]; shares sum to 1.
function makeKinds() {
  let [told, names, labels] = [false, [], []];

  function of(key) {
    const [base, ...parts] = key.split(".");
    if (!parts.length) return [[(base[0] === "i" && labels[Number(base.slice(1))]) || 0, 1]];
    return parts.map((part) => part.split("-").map(Number)).map(([label, share = 1000]) => [label, share / 1000]);
  }

  const textOfKind = (kind) => kind.map(([label, share]) => (kind.length === 1 ? `.${label}` : `.${label}-${Math.round(1000 * share)}`)).join("");

  // Several kinds as one, by their shares: the largest classes of it.
  function blend(kinds, shares) {
    const all = new Map();
    kinds.forEach((kind, i) => kind.forEach(([label, share]) => all.set(label, (all.get(label) ?? 0) + share * shares[i])));
    const most = [...all].filter(([, share]) => share > 0.0005).sort((a, b) => b[1] - a[1]).slice(0, MOST_BLENDED);
    const whole = most.reduce((sum, [, share]) => sum + share, 0);
    return most.sort((a, b) => a[0] - b[0]).map(([label, share]) => [label, share / whole]);
  }

  return {
    of,
    blend,
    get told() {
      return told;
    },
    get names() {
      return names;
    },
    // A run that has just begun has classes nobody knows the names of yet.
    get unnamed() {
      return told && !names.length;
    },
    get state() {
      return [told, names.length];
    },
    // The key, asked to be of this kind.
    put(key, kind) {
      const [base] = key.split(".");
      const text = told ? textOfKind(kind) : "";
      return text === textOfKind(of(base)) ? base : base + text;
    },
    // In words: "Bag", or "Bag + Shirt".
    nameOf: (kind) => kind.map(([label]) => names[label] ?? label).join(" + "),
    // As an ask says it; nothing where the players are told no class.
    labels: (kinds) => (told ? kinds.map((kind) => (kind.length === 1 ? kind[0][0] : kind)) : null),
    update: (data) => ([told, names, labels] = [data.told, data.classes, data.labels]),
  };
}

// The list of classes on a key's card; `onChoose(kind)`.
function classSelect(kind, kinds, { label, onChoose }) {
  const select = document.createElement("select");
  select.setAttribute("aria-label", label);
  if (kind.length > 1) select.append(new Option(kinds.nameOf(kind), ""));
  select.append(...kinds.names.map((name, i) => new Option(name, i)));
  select.value = kind.length > 1 ? "" : kind[0][0];
  select.title = kinds.nameOf(kind);
  select.onchange = () => onChoose([[Number(select.value), 1]]);
  return select;
}
